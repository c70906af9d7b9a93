"""Trains a small convolutional network with PyTorch on digits.csv.gz and logs it the way people do.

Writes into OUT: run.jsonl, run.csv, events.out.tfevents.* (step, loss, accuracy, learning rate), checkpoints/step-*.safetensors
(raw weights), ema.safetensors (torch AveragedModel, decay 0.98, buffers averaged, after the last step) and summary.json.
Two steps are logged with loss NaN and change no weight: a simulated overflow, which mixed-precision training skips the same way.

  pip install torch==2.15.0 tensorboard safetensors numpy
  python make_run.py OUT [seed] [steps]
"""
import csv, gzip, json, pathlib, sys, time
import numpy as np, torch
from safetensors.torch import save_file
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.tensorboard import SummaryWriter

out = pathlib.Path(sys.argv[1]); out.mkdir(parents=True, exist_ok=True); (out / 'checkpoints').mkdir(exist_ok=True)
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
steps = int(sys.argv[3]) if len(sys.argv) > 3 else 600
torch.manual_seed(seed); torch.set_num_threads(1)
table = np.loadtxt(gzip.open(pathlib.Path(__file__).parent.parent / 'digits.csv.gz', 'rt'), delimiter=',')
x = torch.tensor(table[:, :64] / 16, dtype=torch.float32).reshape(-1, 1, 8, 8); y = torch.tensor(table[:, 64], dtype=torch.long)
order = torch.randperm(len(y)); x, y = x[order], y[order]
xt, yt, xv, yv = x[:1400], y[:1400], x[1400:], y[1400:]
net = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
    torch.nn.Conv2d(8, 16, 3, padding=1), torch.nn.BatchNorm2d(16), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(256, 10))
ema = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.98), use_buffers=True)
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
loss_fn = torch.nn.CrossEntropyLoss()
tb = SummaryWriter(out, flush_secs=1)
number = lambda v: v if np.isfinite(v) else {'nan': 'NaN', 'inf': 'Infinity', '-inf': '-Infinity'}[str(float(v))]
def accuracy(m):
    m.eval(); r = (m(xv).argmax(1) == yv).float().mean().item(); m.train(); return r
def save(path, sd): save_file({k: v.contiguous() for k, v in sd.items()}, path)
with open(out / 'run.jsonl', 'w') as j, open(out / 'run.csv', 'w', newline='') as c:
    w = csv.writer(c); w.writerow(['step', 'time_ms', 'loss', 'accuracy', 'lr'])
    for step in range(1, steps + 1):
        i = torch.randint(len(yt), (16,)); bad = step in (steps // 3, steps // 3 + 1)
        net.train()
        if bad:
            loss = torch.tensor(torch.nan)
        else:
            opt.zero_grad(); z = net(xt[i]); loss = loss_fn(z, yt[i]); loss.backward(); opt.step(); ema.update_parameters(net)
            acc = (z.argmax(1) == yt[i]).float().mean().item()
        sched.step()
        row = dict(step=step, time_ms=int(time.time() * 1000), loss=loss.item(), accuracy=None if bad else acc, lr=sched.get_last_lr()[0])
        j.write(json.dumps({**row, 'loss': number(row['loss'])}) + '\n')
        w.writerow([row['step'], row['time_ms'], row['loss'], '' if bad else row['accuracy'], row['lr']])
        tb.add_scalar('train/loss', row['loss'], step); tb.add_scalar('train/lr', row['lr'], step)
        if not bad: tb.add_scalar('train/accuracy', row['accuracy'], step)
        if step % (steps // 10) == 0: save(out / 'checkpoints' / f'step-{step:05d}.safetensors', net.state_dict())
tb.close()
save(out / 'ema.safetensors', ema.module.state_dict())
json.dump(dict(torch=torch.__version__, seed=seed, steps=steps, decay=0.98, n_averaged=int(ema.n_averaged), accuracy_raw=accuracy(net),
    accuracy_ema=accuracy(ema.module)), open(out / 'summary.json', 'w'), indent=1)
