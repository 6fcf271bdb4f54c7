"""A Slurm of this machine's own, on the loopback and in a temporary folder, with two nodes.

Needs Debian's packages and root. Nothing of it is a service, and nothing of it stays.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

INSTALL = "apt-get install -y slurm-wlm munge"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "scancel")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
SECONDS = 120.0
CONF = """\
ClusterName=pagedlab
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool.%n
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.%n.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=100000
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmdTimeout=30
KillWait=2
MinJobAge=300
GresTypes=gpu
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=8000 \\
    Feature=a100 Gres=gpu:1
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=8000
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""
GRES = "NodeName=n1 Name=gpu File=/dev/zero\n"


def missing() -> str:
    """Why Slurm cannot be started here; "" if it can."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if absent:
        return f"no {absent[0]} here: {INSTALL}"
    return "" if os.geteuid() == 0 else "only root starts slurmd"


@dataclass
class Slurm:
    """A running Slurm. `environment` is what its commands need."""

    place: Path
    environment: dict[str, str] = field(default_factory=dict)
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def say(self, *command: str) -> str:
        """Run one of its commands."""
        ended = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True, timeout=60
        )
        return ended.stdout

    def is_idle(self) -> bool:
        """True if both nodes wait for work."""
        try:
            return self.say("sinfo", "--noheader", "--format=%T %D").split() == ["idle", "2"]
        except subprocess.SubprocessError:
            return False

    def jobs(self, *states: str) -> list[str]:
        """Numbers of jobs in these states; without any, of all that are not over."""
        chosen = [f"--states={','.join(states)}"] if states else []
        return self.say("squeue", "--noheader", "--array", "--format=%A", *chosen).split()

    def start(self, name: str, *command: str) -> None:
        """Start one of its daemons in the foreground."""
        program = shutil.which(command[0], path=PATH)
        assert program is not None
        with (self.place / f"{name}.out").open("ab") as said:
            self.daemons[name] = subprocess.Popen(
                [program, *command[1:]],
                env={**self.environment, "SLURMD_NODENAME": name},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def start_node(self, name: str) -> None:
        """Start a node's daemon."""
        self.start(name, "slurmd", "-D", "-N", name)

    def lose_node(self, name: str) -> None:
        """Take a node away with all that runs on it, as a power cut does."""
        self.daemons[name].kill()
        self.daemons.pop(name).wait()
        for pid in self.processes(f"SLURMD_NODENAME={name}"):
            _kill(pid)
        self._update(name, "DOWN", "Reason=lost")  # as Slurm finds out itself after a while

    def bring_back(self, name: str) -> None:
        """Have a lost node work again."""
        self.start_node(name)
        self._update(name, "RESUME")
        self.wait_for(self.is_idle, "its nodes again")

    def _update(self, node: str, state: str, *more: str) -> None:
        self.say("scontrol", "update", f"NodeName={node}", f"State={state}", *more)

    def wait_for(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something holds; fails with the daemons' last words if it does not come."""
        until = time.monotonic() + SECONDS
        while not true():
            if time.monotonic() > until:
                logs = [
                    file.read_text(errors="replace")[-2000:] for file in self.place.glob("*.log")
                ]
                raise TimeoutError("\n".join([f"Slurm: waited in vain for {what}", *logs]))
            select.select([], [], [], 0.05)

    def close(self) -> None:
        """End everything that was started."""
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
        for daemon in self.daemons.values():
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for pid in self.processes():
            _kill(pid)

    def processes(self, *marks: str) -> list[int]:
        """Processes of this Slurm's jobs and daemons, by their environment."""
        wanted = {
            f"SLURM_CONF={self.place}/slurm.conf".encode(),
            *(mark.encode() for mark in marks),
        }
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                held = set((folder / "environ").read_bytes().split(b"\0"))
            except OSError:
                continue
            if wanted <= held:
                found.append(int(folder.name))
        return found


@contextmanager
def running() -> Iterator[Slurm]:
    """A Slurm with two idle nodes, n1 with a GPU (that is none), n2 without."""
    place = Path(tempfile.mkdtemp(prefix="pagedlab-slurm-"))
    place.chmod(0o755)
    ports = _free_ports(3)
    (place / "slurm.conf").write_text(CONF.format(place=place, ports=ports))
    (place / "gres.conf").write_text(GRES)
    (place / "state").mkdir()
    key = place / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    slurm = Slurm(place, {**os.environ, "SLURM_CONF": f"{place}/slurm.conf", "PATH": PATH})
    files = ("key-file=munge.key", "socket=munge.socket", "pid-file=munge.pid")
    files += ("log-file=munge.log", "seed-file=munge.seed")
    named = [f"--{name}={place}/{file}" for name, _, file in (one.partition("=") for one in files)]
    try:
        slurm.start("munged", "munged", "--foreground", *named)
        slurm.wait_for((place / "munge.socket").exists, "munged")
        slurm.start("slurmctld", "slurmctld", "-D", "-i")
        for node in ("n1", "n2"):
            slurm.start_node(node)
        slurm.wait_for(slurm.is_idle, "its nodes")
        yield slurm
    finally:
        slurm.close()
        shutil.rmtree(place, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    taken = [socket.socket() for _ in range(count)]
    for one in taken:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in taken]
    for one in taken:
        one.close()
    return ports


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
