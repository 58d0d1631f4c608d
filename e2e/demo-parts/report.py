"""Reads a VpnCleanup as JSON, and prints how each node ended, its components and its report."""

import json
import sys

cleanup = json.load(sys.stdin)
status = cleanup["status"]
print(f"{cleanup['metadata']['name']}: {status.get('phase')}")
for node in status.get("nodes", []):
    print(f"{node['node']}: {node.get('outcome')}, attempts answered: {node.get('attempts')}")
    for component in node.get("components", []):
        print(f"  {component['component']:<21} {component['status']:<10} {component.get('durationMillis', 0)} ms")
print("the report, summed up over the nodes:")
print(json.dumps(status.get("report"), indent=2))
