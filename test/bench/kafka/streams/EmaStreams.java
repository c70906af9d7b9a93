import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * An average for each key with Kafka Streams, as its documentation has it: exactly once, one thread, a store in memory
 * with a changelog, of which only the last value of a key goes out in a commit (the cache). `EmaStreams JOB`, where JOB is
 * the JSON that all programs of the bench get; what it prints is in ../contender.ts.
 */
public final class EmaStreams {
  public record Job(
      String brokers,
      String input,
      String output,
      String group,
      String folder,
      String codec,
      int commitMs,
      double halfLifeMs) {}

  /** Jackson knows its fields when it is compiled: its quickest way short of writing the parser by hand. */
  public record Reading(long at, double celsius) {}

  private static final String STORE = "ema";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  public static void main(String[] args) throws IOException {
    Job job = JSON.readValue(args[0], Job.class);
    KafkaStreams streams = new KafkaStreams(topology(job), settings(job));
    streams.setGlobalStateRestoreListener(new Restores());
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return null;
        });
    streams.start();
    while (System.in.read() >= 0) continue; // until the bench closes it
    say("end");
    streams.close();
  }

  private static Properties settings(Job job) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.group());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.brokers());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, job.folder());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, job.commitMs());
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 1L << 28); // every key of a commit fits
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 1 << 17);
    return settings;
  }

  private static Topology topology(Job job) {
    var bytes = Serdes.ByteArray();
    var store = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.Bytes(), bytes);
    return new Topology()
        .addSource("in", bytes.deserializer(), bytes.deserializer(), job.input())
        .addProcessor("ema", () -> new Ema(job), "in")
        .addStateStore(store.withCachingEnabled().withLoggingEnabled(Map.of()), "ema")
        .addSink("out", job.output(), bytes.serializer(), bytes.serializer(), "ema");
  }

  /** W ← u·W + 1; y ← y + (x − y)/W with u = 2^(−Δt/halfLifeMs): a value in the store is y, W and the newest stamp. */
  private static final class Ema implements Processor<byte[], byte[], byte[], byte[]> {
    private static final int STATE_BYTES = 24;

    private final double perMs;
    private final Codec codec;
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, byte[]> store;

    Ema(Job job) {
      perMs = -Math.log(2) / job.halfLifeMs();
      codec = job.codec().equals("json") ? new JsonCodec() : new FloatCodec();
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> message) {
      sayFirst();
      Reading reading = codec.read(message);
      Bytes key = Bytes.wrap(message.key());
      byte[] had = store.get(key);
      double y = reading.celsius();
      double weight = 1;
      if (had != null) {
        ByteBuffer state = ByteBuffer.wrap(had);
        y = state.getDouble();
        weight = Math.exp(perMs * (reading.at() - state.getLong(16))) * state.getDouble() + 1;
        y += (reading.celsius() - y) / weight;
      }
      ByteBuffer state = ByteBuffer.allocate(STATE_BYTES);
      store.put(key, state.putDouble(y).putDouble(weight).putLong(reading.at()).array());
      context.forward(message.withValue(codec.write(new Reading(reading.at(), y))));
    }
  }

  private interface Codec {
    Reading read(Record<byte[], byte[]> message);

    byte[] write(Reading reading);
  }

  private static final class JsonCodec implements Codec {
    private static final ObjectReader READER = JSON.readerFor(Reading.class);
    private static final ObjectWriter WRITER = JSON.writerFor(Reading.class);

    @Override
    public Reading read(Record<byte[], byte[]> message) {
      try {
        return READER.readValue(message.value());
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }

    @Override
    public byte[] write(Reading reading) {
      try {
        return WRITER.writeValueAsBytes(reading);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }
  }

  private static final class FloatCodec implements Codec {
    @Override
    public Reading read(Record<byte[], byte[]> message) {
      double value = ByteBuffer.wrap(message.value()).order(ByteOrder.LITTLE_ENDIAN).getDouble();
      return new Reading(message.timestamp(), value);
    }

    @Override
    public byte[] write(Reading reading) {
      return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(reading.celsius()).array();
    }
  }

  /** Partitions are restored side by side: from the first start to the last end. */
  private static final class Restores implements StateRestoreListener {
    private long since = 0;
    private long cpuSince = 0;
    private long records = 0;
    private int open = 0;

    @Override
    public synchronized void onRestoreStart(TopicPartition of, String store, long from, long to) {
      if (since == 0) {
        since = System.currentTimeMillis();
        cpuSince = cpuMs();
      }
      open++;
    }

    @Override
    public void onBatchRestored(TopicPartition of, String store, long to, long count) {}

    @Override
    public synchronized void onRestoreEnd(TopicPartition of, String store, long count) {
      records += count;
      if (--open > 0) return;
      System.out.printf("restored %d %d %d%n", records, System.currentTimeMillis() - since, cpuMs() - cpuSince);
    }
  }

  private static boolean hasBegun = false;

  private static void sayFirst() {
    if (hasBegun) return;
    hasBegun = true;
    say("first");
  }

  /** What happened, and the time in ms since 1970. */
  private static void say(String what) {
    System.out.printf("%s %d %d%n", what, System.currentTimeMillis(), cpuMs());
  }

  /** The milliseconds that all processors have worked for this process. */
  private static long cpuMs() {
    return SYSTEM.getProcessCpuTime() / 1_000_000;
  }
}
