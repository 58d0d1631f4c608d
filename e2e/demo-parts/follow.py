"""Follows the cleanup of an instance, and prints each change of a component on a node: follow.py INSTANCE KUBECTL...

KUBECTL is the command that runs kubectl. It ends when the operation is COMPLETED, or when it is told to (SIGTERM).
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


def follow(stream, instance):
    began, seen = time.monotonic(), {}
    for event in events(stream):
        cleanup = event["object"]
        if cleanup["spec"]["instance"]["name"] != instance or event["type"] == "DELETED":
            continue
        status = cleanup.get("status") or {}
        # what was completed before is an earlier instance of that name
        if status.get("phase") == "COMPLETED" and not seen:
            continue
        for line in changes(cleanup, status, seen):
            print(f"{time.monotonic() - began:5.1f} s  {line}", flush=True)
        if status.get("phase") == "COMPLETED":
            return


def changes(cleanup, status, seen):
    """A line for each component that is in another state than it was seen in; before it begins it is PENDING."""
    if not seen:
        seen["operation"] = cleanup["metadata"]["name"]
        yield "operation " + seen["operation"]
        for node in cleanup["spec"]["nodes"]:
            for component in COMPONENTS:
                seen[node["node"], component] = "PENDING"
            yield f"{node['node']}  all five components PENDING"
    for node in status.get("nodes") or []:
        for component in node.get("components") or []:
            key, after = (node["node"], component["component"]), component["status"]
            if after != seen.get(key):
                error = component.get("error")
                why = f"  {error.get('code')}: {error.get('message')}" if error else ""
                yield f"{key[0]}  {key[1]:<21} {seen.get(key)} -> {after}{why}"
                seen[key] = after


def main(instance, kubectl):
    arguments = ["get", "vpncleanups", "-o", "json", "--watch", "--output-watch-events"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    watch = subprocess.Popen(kubectl + arguments, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        follow(watch.stdout, instance)
    finally:
        os.killpg(watch.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
