package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What the launcher decides, whatever the configuration says: the tunnel is started, and started again, for ever.
var (
	forcedForConnections = []setting{{name: "keyingtries", value: "0"}}
	forcedForChildren    = []setting{
		{name: "start_action", value: "start"}, {name: "close_action", value: "start"}, {name: "dpd_action", value: "restart"},
	}
)

const (
	// Unless the configuration has another one: a peer that has been started anew is noticed so soon.
	dpdDelay = "3s"
	// An instance's request ids begin at its table times this (the agent knows them by that).
	reqidsOfInstance = 1000
)

// ipsecPlan is a checked configuration with what marks the kernel's state as the instance's.
type ipsecPlan struct {
	file  *section
	table int
	// in the kernel, with an interface by if_id; otherwise in charon's own encryption
	kernel bool
}

// names of the connections and their children, in the file's order
type plannedChild struct{ connection, child string }

func readPlan(text []byte, table int) (*ipsecPlan, error) {
	file, err := readSwanctl(text)
	if err == nil {
		err = fileKind.check(file)
	}
	if err != nil {
		return nil, err
	}
	plan := &ipsecPlan{file: file, table: table}
	if children := len(plan.children()); children == 0 || children >= reqidsOfInstance {
		return nil, fmt.Errorf("the configuration has %d children in its connections: 1 to %d are needed", children, reqidsOfInstance-1)
	}
	return plan, nil
}

func (p *ipsecPlan) connections() []*section {
	if all := p.file.section("connections"); all != nil {
		return all.sections
	}
	return nil
}

func (p *ipsecPlan) secrets() []*section {
	if all := p.file.section("secrets"); all != nil {
		return all.sections
	}
	return nil
}

func childrenOf(connection *section) []*section {
	if all := connection.section("children"); all != nil {
		return all.sections
	}
	return nil
}

func (p *ipsecPlan) children() []plannedChild {
	var all []plannedChild
	for _, connection := range p.connections() {
		for _, child := range childrenOf(connection) {
			all = append(all, plannedChild{connection.name, child.name})
		}
	}
	return all
}

// swanctl is the configuration as strongSwan gets it. Every value stands in quotation marks.
//
// secretOf gives the content of a key of the Secret.
func (p *ipsecPlan) swanctl(secretOf func(key string) ([]byte, error)) (string, error) {
	w := &swanctlWriter{}
	w.begin("connections")
	reqid := p.table * reqidsOfInstance
	for _, connection := range p.connections() {
		w.begin(connection.name)
		w.settings(connection.settings, forcedForConnections)
		if delay, found := connection.setting("dpd_delay"); !found || zero(delay.value) {
			w.set("dpd_delay", dpdDelay)
		}
		for _, part := range connection.sections {
			if part.name != "children" {
				w.begin(part.name)
				w.settings(part.settings, nil)
				w.end()
			}
		}
		w.begin("children")
		for _, child := range childrenOf(connection) {
			w.begin(child.name)
			w.settings(child.settings, p.forcedForChild(reqid))
			w.end()
			reqid++
		}
		w.end()
		w.end()
	}
	w.end()
	err := p.writeSecrets(w, secretOf)
	return w.text.String(), err
}

func (p *ipsecPlan) forcedForChild(reqid int) []setting {
	forced := append([]setting{{name: "reqid", value: strconv.Itoa(reqid)}}, forcedForChildren...)
	if p.kernel {
		table := strconv.Itoa(p.table)
		forced = append(forced, setting{name: "if_id_in", value: table}, setting{name: "if_id_out", value: table})
	}
	return forced
}

// swanctlWriter writes strongSwan's language of settings, so that its reader sees what was meant.
type swanctlWriter struct {
	text  strings.Builder
	depth int
}

func (w *swanctlWriter) line(text string) {
	w.text.WriteString(strings.Repeat("  ", w.depth) + text + "\n")
}

func (w *swanctlWriter) begin(name string) {
	w.line(name + " {")
	w.depth++
}

func (w *swanctlWriter) end() {
	w.depth--
	w.line("}")
}

var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (w *swanctlWriter) set(name, value string) {
	w.line(name + ` = "` + quoted.Replace(value) + `"`)
}

// settings writes those that are not forced, and those that are.
func (w *swanctlWriter) settings(given, forced []setting) {
	for _, one := range given {
		isForced := slices.ContainsFunc(forced, func(other setting) bool { return other.name == one.name })
		if !isForced && !(one.name == "dpd_delay" && zero(one.value)) {
			w.set(one.name, one.value)
		}
	}
	for _, one := range forced {
		w.set(one.name, one.value)
	}
}

// zero: a time of none, by which strongSwan would never ask whether the peer lives
func zero(time string) bool { return strings.Trim(time, "0smhd") == "" }
