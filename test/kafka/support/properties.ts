/** Where a broker of a cluster is. */
export interface Place {
  /** From 1. */
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** For those who say who they are; see `users`. */
  readonly saslPort: number;
}

/** Settings of a server, as in its `server.properties`. */
export type Properties = Readonly<Record<string, string | number | boolean>>;

/** Names and passwords. */
export type Users = Readonly<Record<string, string>>;

/** The settings of one broker of a cluster, which is also one of its controllers. */
export function propertiesOf(at: Place, cluster: readonly Place[], data: string, users: Users | null): Properties {
  const all = cluster.length;
  const most = Math.min(2, all);
  return {
    'process.roles': 'broker,controller',
    'node.id': at.id,
    'log.dirs': data,
    listeners: [
      `PLAINTEXT://127.0.0.1:${at.port}`,
      `CONTROLLER://127.0.0.1:${at.controllerPort}`,
      ...(users === null ? [] : [`SASL://127.0.0.1:${at.saslPort}`]),
    ].join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': cluster.map((place) => `${place.id}@127.0.0.1:${place.controllerPort}`).join(','),
    'auto.create.topics.enable': false,
    'default.replication.factor': all,
    'min.insync.replicas': most,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': all,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': all,
    'transaction.state.log.min.isr': most,
    'group.initial.rebalance.delay.ms': 0,
    // one that was killed is let in again only once its session is over
    'broker.session.timeout.ms': 4000,
    'broker.heartbeat.interval.ms': 500,
    // what a broker does now and then is done at once: a test waits for it
    'log.initial.task.delay.ms': 1000,
    'log.retention.check.interval.ms': 1000,
    'log.retention.ms': -1, // or messages with old stamps go at once
    'log.cleaner.backoff.ms': 1000,
    'log.cleaner.dedupe.buffer.size': 32 * 1024 ** 2,
    ...(users === null ? {} : accessOf(users)),
  };
}

/** They may do nothing but what they are allowed; who comes without a name may do everything. */
function accessOf(users: Users): Properties {
  const passwords = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  return {
    'sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl.plain.sasl.jaas.config': `${plain} required ${passwords.join(' ')};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
}
