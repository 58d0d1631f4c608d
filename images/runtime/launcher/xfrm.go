package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

var errNoKernelIpsec = errors.New("this kernel has no ESP or no XFRM interfaces")

// makeXfrmLink makes the interface of the kernel's IPsec, into which what is routed is encrypted by the policies with its
// if_id, or takes up the one that an earlier container of this instance has left.
func makeXfrmLink(ctx context.Context, instance settings, table int) (session, error) {
	if err := tryEsp(ctx, table); err != nil {
		return nil, err
	}
	kind := linkKind{arguments: []string{"type", "xfrm", "if_id", strconv.Itoa(table)}, missing: errNoKernelIpsec}
	if linkExists(instance.link) && readAlias(instance.link) == alias(instance) && !hasIfID(ctx, instance.link, table) {
		removeLink(instance.link) // of an attachment before, which had another table
	}
	link, err := makeKernelLink(ctx, instance, kind)
	if err == nil {
		removeLeftovers(ctx, table)
	}
	return link, err
}

// tryEsp makes a state that no packet meets, with a request id of the instance's own that no child has, and takes it away.
func tryEsp(ctx context.Context, table int) error {
	reqid := strconv.Itoa(table*reqidsOfInstance + reqidsOfInstance - 1)
	err := run(ctx, "ip", "xfrm", "state", "add", "src", "127.0.0.1", "dst", "127.0.0.1", "proto", "esp",
		"spi", fmt.Sprintf("0x%x", 0x100+table), "reqid", reqid, "mode", "tunnel", "enc", "cipher_null", "", "if_id", strconv.Itoa(table))
	if err == nil || strings.Contains(err.Error(), "File exists") {
		return run(ctx, "ip", "xfrm", "state", "deleteall", "reqid", reqid)
	}
	// a kernel without ESP, without the algorithm, or without XFRM at all
	for _, word := range []string{"Requested type not found", "algorithm not found", "not supported", "not implemented"} {
		if strings.Contains(err.Error(), word) {
			return errNoKernelIpsec
		}
	}
	return err
}

func hasIfID(ctx context.Context, link string, table int) bool {
	said := output(ctx, "ip", "-d", "-o", "link", "show", "dev", link)
	return strings.Contains(said+" ", fmt.Sprintf(" if_id 0x%x ", table))
}

// removeLeftovers takes away what a killed charon has left under this instance's marks: with its old states and policies the
// next one would send to where no peer decrypts any more. Others' are left.
func removeLeftovers(ctx context.Context, table int) {
	for _, reqid := range ownReqids(output(ctx, "ip", "xfrm", "state", "list", "nokeys"), table) {
		_ = run(ctx, "ip", "xfrm", "state", "deleteall", "reqid", reqid)
	}
	for _, policy := range ownPolicies(output(ctx, "ip", "xfrm", "policy", "list", "nosock"), table) {
		_ = run(ctx, "ip", append([]string{"xfrm", "policy", "delete"}, policy...)...)
	}
}

// ownReqids: the instance's among those that `ip xfrm state` lists
func ownReqids(listed string, table int) []string {
	var own []string
	fields := strings.Fields(listed)
	for at := range len(fields) - 1 {
		number, err := strconv.Atoi(fields[at+1])
		if fields[at] == "reqid" && err == nil && number/reqidsOfInstance == table {
			own = append(own, fields[at+1])
		}
	}
	return own
}

// ownPolicies: the arguments by which `ip xfrm policy delete` takes each that `ip xfrm policy list` has under the if_id.
// A policy begins with its selector, on a line that is not indented; the next line has its direction.
func ownPolicies(listed string, table int) [][]string {
	var own [][]string
	var selector []string
	direction := ""
	for line := range strings.Lines(listed) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "src "):
			selector, direction = fields, ""
		case len(fields) > 1 && fields[0] == "dir":
			direction = fields[1]
		case len(fields) > 1 && fields[0] == "if_id" && direction != "":
			if number, err := strconv.ParseInt(fields[1], 0, 64); err == nil && number == int64(table) {
				own = append(own, append(append([]string{}, selector...), "dir", direction, "if_id", strconv.Itoa(table)))
			}
		}
	}
	return own
}

// output of a command that only reads; empty where it failed
func output(ctx context.Context, name string, arguments ...string) string {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	said, _ := exec.CommandContext(ctx, name, arguments...).Output()
	return string(said)
}
