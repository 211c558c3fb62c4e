"""Hosts of one's own on one machine: network namespaces (Linux), each with its own address, joined by a switch.

    with Network() as network:
        north = network.add_host("north")                    10.0.0.1, behind a cable to the switch
        server = north.launch("tcp_thread")                  a server as ever, on that host
        north.unplug(), north.plug_in()                      the cable
        launch("balancer", f"north=10.0.0.1:{server.port}", "--under", network.command)

A network namespace 网络命名空间 (network_namespaces(7)) has interfaces, addresses and ports of its own, and no way to any other
network but those that one makes. Here there are only cables to the switch, so nothing gets in or out. A process holds each namespace
open until its standard input closes: they vanish with `close()`, and with the notebook's kernel, by SIGKILL too. No root is
needed where the system allows user namespaces (user_namespaces(7)).
"""

import os
import shutil
import subprocess
import sys

from servers.runtime.server import launch

HOLD = ["sh", "-c", "echo ready; exec cat"]  # holds a namespace open until its standard input closes
TOOLS = {"unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2"}  # and the package that holds it
PLACES = "/usr/sbin", "/sbin"  # not on the PATH of every user
ADDRESS = "10.0.0.{}"
HARDWARE = "02:00:00:00:00:{:02x}"  # an address for local use, so that each side knows the other's and never has to ask
OWN = 254  # the address of the switch's own side: the balancer's host


class NoHosts(RuntimeError):
    """This system makes no hosts for us; the text says why."""


def obstacle():
    """Why there can be no hosts here, in words; None where there can."""
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
    """A network namespace, and the process that holds it open."""

    def __init__(self, *command):
        self.holder = subprocess.Popen(
            [*command, *HOLD],
            stdin=subprocess.PIPE,  # its end-of-file means: the notebook is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # "Interrupt kernel" does not reach it
        )
        if self.holder.stdout.readline() != b"ready\n":
            self.close()
            raise NoHosts(f"the system does not allow network namespaces here ({self.last_words})")
        as_owner = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        self.enter = [tool("nsenter"), "--target", str(self.holder.pid), *as_owner, "--net"]  # run a program in it

    def ip(self, words):
        """Run ip(8) in it."""
        done = subprocess.run([*self.enter, tool("ip"), *words.split()], capture_output=True, text=True)
        if done.returncode:
            raise NoHosts(f"`ip {words}` says: {done.stderr.strip()}")
        return done.stdout

    def close(self):
        _, words = self.holder.communicate()
        self.last_words = words.decode(errors="replace").strip()


class Network:
    """A switch, and the hosts that are plugged into it; usable as a context manager, which ends it."""

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
        """The command under which a program runs on the switch's side, where it reaches all hosts."""
        return " ".join(self.namespace.enter)

    def add_host(self, name):
        """A new Host with the next address, plugged in."""
        self.hosts.append(Host(name, len(self.hosts) + 1, self.namespace))
        return self.hosts[-1]

    def close(self):
        """End it. What still runs on a host keeps that host alive: stop its server first."""
        for host in self.hosts:
            host.namespace.close()
        self.namespace.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Host:
    """One host: a namespace with one cable to the switch. Made by `Network.add_host`."""

    def __init__(self, name, number, switch):
        self.name, self.address, self.switch = name, ADDRESS.format(number), switch
        self.port = f"port{number}"  # of the switch
        self.namespace = Namespace(*switch.enter, tool("unshare"), "--net")
        hardware = HARDWARE.format(number)
        switch.ip(f"link add {self.port} type veth peer name eth0 address {hardware} netns {self.namespace.holder.pid}")  # veth(4)
        switch.ip(f"link set {self.port} master switch up")
        self.namespace.ip("link set lo up")
        self.namespace.ip(f"addr add {self.address}/24 dev eth0")
        self.namespace.ip("link set eth0 up")
        # Who has to ask (ARP) keeps packets until it is told: a pulled cable would delay them, and not lose them.
        switch.ip(f"neigh add {self.address} lladdr {hardware} nud permanent dev switch")
        self.namespace.ip(f"neigh add {ADDRESS.format(OWN)} lladdr {HARDWARE.format(OWN)} nud permanent dev eth0")

    def launch(self, what, *arguments, **options):
        """Start a server on this host, as `launch` does; its name is the host's."""
        return launch(what, "--host", self.address, *arguments, **{"name": self.name, **options}, host=self)

    def unplug(self):
        """Pull the cable: what is sent is lost, and nobody is told."""
        self.switch.ip(f"link set {self.port} down")

    def plug_in(self):
        self.switch.ip(f"link set {self.port} up")

    def __repr__(self):
        return f"Host {self.name}: {self.address}"
