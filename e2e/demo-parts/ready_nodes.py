"""Reads a list of Nodes as JSON, and prints the names of those that are Ready and take any pod."""

import json
import sys

for node in json.load(sys.stdin)["items"]:
    conditions = {entry["type"]: entry["status"] for entry in node["status"].get("conditions", [])}
    taints = [taint for taint in node["spec"].get("taints", []) if taint["effect"] != "PreferNoSchedule"]
    if conditions.get("Ready") == "True" and not taints and not node["spec"].get("unschedulable"):
        print(node["metadata"]["name"])
