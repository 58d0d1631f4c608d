"""Prints when a packet to one of these networks passes a link: recorder.py LINK NETWORK..."""
import ipaddress
import socket
import sys
import time

ETH_P_ALL = 0x0003  # linux/if_ether.h
DESTINATION = {b"\x08\x00": slice(30, 34), b"\x86\xdd": slice(38, 54)}  # by Ethernet type: IPv4 (RFC 791), IPv6 (RFC 8200)


def main(link, networks):
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.bind((link, 0))
    print("recording", flush=True)
    while True:
        frame = packets.recv(65536)
        place = DESTINATION.get(frame[12:14])
        if place is None or len(frame) < place.stop:
            continue
        destination = ipaddress.ip_address(frame[place])
        if any(destination.version == network.version and destination in network for network in networks):
            print(int(time.time() * 1000), destination, flush=True)


main(sys.argv[1], [ipaddress.ip_network(network) for network in sys.argv[2:]])
