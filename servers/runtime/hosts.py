"""Several hosts on one machine: network namespaces (Linux), each with its own address, joined by a switch.

    with Network() as network:
        north = network.add_host("north")                    10.0.0.1, behind a cable to the switch
        server = north.launch("tcp_thread")                  an ordinary server, on that host
        north.unplug(), north.plug_in()                      the cable
        launch("balancer", f"north=10.0.0.1:{server.port}", "--under", network.command)

A network namespace 网络命名空间 (network_namespaces(7)) has its own interfaces, addresses and ports, and reaches another network
only through links that someone adds. Here the only links are cables to the switch, so nothing gets in or out. A process holds each
namespace open until its standard input closes: namespaces vanish with `close()` and with the notebook's kernel, even on SIGKILL. No root
is needed where the system allows user namespaces (user_namespaces(7)).
"""

import os
import shutil
import subprocess
import sys

from servers.runtime.server import launch

HOLD = ["sh", "-c", "echo ready; exec cat"]  # holds a namespace open until its standard input closes
TOOLS = {"unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2"}  # program: the package that has it
PLACES = "/usr/sbin", "/sbin"  # not on the PATH of every user
ADDRESS = "10.0.0.{}"
HARDWARE = "02:00:00:00:00:{:02x}"  # a locally administered address: each side is told the other's and never has to ask
OWN = 254  # last part of the switch's own address: the balancer's host


class NoHosts(RuntimeError):
    """This system cannot give us hosts; the message says why."""


def obstacle():
    """Return why hosts are not possible here, in words; None if they are."""
    if os.environ.get("NAMESPACES") == "no":
        return "the environment variable NAMESPACES says no"
    try:
        with Network() as network:
            network.add_host("one")
    except NoHosts as problem:
        return str(problem)


def tool(name):
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(PLACES))
    if not found:
        raise NoHosts(f"the program {name} is missing (package {TOOLS[name]})")
    return found


class Namespace:
    """A network namespace and the process that holds it open."""

    def __init__(self, *command):
        self.holder = subprocess.Popen(
            [*command, *HOLD],
            stdin=subprocess.PIPE,  # end-of-file on it means that the notebook is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # "Interrupt kernel" does not reach it
        )
        if self.holder.stdout.readline() != b"ready\n":
            self.close()
            raise NoHosts(f"the system does not allow network namespaces here ({self.last_words})")
        as_owner = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.enter = [tool("nsenter"), "--target", str(self.holder.pid), *as_owner, "--net"]  # prefix that runs a program in it

    def ip(self, words):
        """Run ip(8) in this namespace."""
        done = subprocess.run([*self.enter, tool("ip"), *words.split()], capture_output=True, text=True)
        if done.returncode:
            raise NoHosts(f"`ip {words}` says: {done.stderr.strip()}")
        return done.stdout

    def close(self):
        _, words = self.holder.communicate()
        self.last_words = words.decode(errors="replace").strip()


class Network:
    """A switch and the hosts plugged into it; usable as a context manager, which closes it."""

    def __init__(self):
        self.hosts = []
        if sys.platform != "linux":
            raise NoHosts("only Linux has network namespaces")
        as_owner = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self.namespace = Namespace(tool("unshare"), *as_owner, "--net")
        try:
            self.namespace.ip(f"link add switch address {HARDWARE.format(OWN)} type bridge")
            self.namespace.ip(f"addr add {ADDRESS.format(OWN)}/24 dev switch")
            self.namespace.ip("link set switch up")
        except NoHosts:
            self.close()
            raise

    @property
    def command(self):
        """The command that runs a program on the switch's side, from which it reaches all hosts."""
        return " ".join(self.namespace.enter)

    def add_host(self, name):
        """Return a new Host with the next address, plugged in."""
        self.hosts.append(Host(name, len(self.hosts) + 1, self.namespace))
        return self.hosts[-1]

    def close(self):
        """Close the network. A process still running on a host keeps that host alive: stop its server first."""
        for host in self.hosts:
            host.namespace.close()
        self.namespace.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Host:
    """One host: a namespace with one cable to the switch. Created by `Network.add_host`."""

    def __init__(self, name, number, switch):
        self.name, self.address, self.switch = name, ADDRESS.format(number), switch
        self.port = f"port{number}"  # the switch's port
        self.namespace = Namespace(*switch.enter, tool("unshare"), "--net")
        hardware = HARDWARE.format(number)
        switch.ip(f"link add {self.port} type veth peer name eth0 address {hardware} netns {self.namespace.holder.pid}")  # veth(4)
        switch.ip(f"link set {self.port} master switch up")
        self.namespace.ip("link set lo up")
        self.namespace.ip(f"addr add {self.address}/24 dev eth0")
        self.namespace.ip("link set eth0 up")
        # A host that has to ask (ARP) queues packets until it has an answer: a pulled cable would delay them instead of losing them.
        switch.ip(f"neigh add {self.address} lladdr {hardware} nud permanent dev switch")
        self.namespace.ip(f"neigh add {ADDRESS.format(OWN)} lladdr {HARDWARE.format(OWN)} nud permanent dev eth0")

    def launch(self, what, *arguments, **options):
        """Start a server on this host, as `launch` does; its default name is the host's."""
        return launch(what, "--host", self.address, *arguments, **{"name": self.name, **options}, host=self)

    def unplug(self):
        """Pull the cable: whatever is sent is lost, without an error on either side."""
        self.switch.ip(f"link set {self.port} down")

    def plug_in(self):
        self.switch.ip(f"link set {self.port} up")

    def __repr__(self):
        return f"Host {self.name}: {self.address}"
