"""Follows the VpnAttachments of an instance, and prints each change of a component: follow.py INSTANCE KUBECTL...

KUBECTL is the command that runs kubectl. It ends when the last attachment has gone, or when it is told to (SIGTERM).
"""

import json
import os
import signal
import subprocess
import sys
import time

COMPONENTS = ["THREAD_TERMINATION", "ROUTING_RULES_CLEAR", "VPN_DISCONNECT", "CONFIGURATION_UPDATE", "VERIFICATION_JOB"]


def events(stream):
    """The JSON values that follow each other in a stream."""
    decoder, text = json.JSONDecoder(), ""
    for line in stream:
        text += line
        try:
            value, end = decoder.raw_decode(text.lstrip())
        except json.JSONDecodeError:
            continue
        text = text.lstrip()[end:]
        yield value


def states(attachment):
    detach = attachment.get("status", {}).get("detach") or {}
    return {entry["component"]: entry for entry in detach.get("components") or []}


def follow(stream):
    began, seen, living = time.monotonic(), {}, set()
    for event in events(stream):
        attachment = event["object"]
        node, name = attachment["spec"]["nodeName"], attachment["metadata"]["name"]
        if event["type"] == "DELETED":
            living.discard(name)
            print(f"{time.monotonic() - began:5.1f} s  {node}  the attachment has gone", flush=True)
            if not living:
                return
            continue
        living.add(name)
        for line in changes(node, name, states(attachment), seen):
            print(f"{time.monotonic() - began:5.1f} s  {line}", flush=True)


def changes(node, name, now, seen):
    """A line for each component that is in another state than it was seen in; before it begins it is PENDING."""
    for component in COMPONENTS:
        before = seen.get((name, component), "PENDING")
        after = now.get(component, {}).get("status", "PENDING")
        if after != before:
            seen[name, component] = after
            error = now[component].get("error")
            why = f"  {error.get('code')}: {error.get('message')}" if error else ""
            yield f"{node}  {component:<21} {before} -> {after}{why}"


def main(instance, kubectl):
    arguments = ["get", "vpnattachments", "-l", "urvpn.io/instance=" + instance, "-o", "json", "--watch", "--output-watch-events"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    watch = subprocess.Popen(kubectl + arguments, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        follow(watch.stdout)
    finally:
        os.killpg(watch.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
