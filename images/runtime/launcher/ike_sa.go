package main

import (
	"strconv"
	"time"
)

// ikeSA is what charon's list-sas tells of one IKE_SA (README.md of strongSwan's plugin vici).
type ikeSA struct {
	connection             string
	state                  string
	remoteHost, remotePort string
	vips                   []string
	established            time.Time
	children               []childSA
}

type childSA struct {
	id, name, state string
	received, sent  int64
	installed       time.Time
}

func readIkeSA(told *viciSection, now time.Time) ikeSA {
	sa := ikeSA{
		connection:  told.name,
		state:       told.values["state"],
		remoteHost:  told.values["remote-host"],
		remotePort:  told.values["remote-port"],
		vips:        told.lists["local-vips"],
		established: ago(now, told.values["established"]),
	}
	for _, child := range told.section("child-sas").sections {
		received, _ := strconv.ParseInt(child.values["bytes-in"], 10, 64)
		sent, _ := strconv.ParseInt(child.values["bytes-out"], 10, 64)
		sa.children = append(sa.children, childSA{
			id: child.values["uniqueid"], name: child.values["name"], state: child.values["state"],
			received: received, sent: sent, installed: ago(now, child.values["install-time"]),
		})
	}
	return sa
}

// has: a child of that name carries traffic, if need be while its successor is negotiated
func (s *ikeSA) has(name string) bool {
	if s.state != "ESTABLISHED" && s.state != "REKEYING" {
		return false
	}
	for _, child := range s.children {
		if child.name == name && (child.state == "INSTALLED" || child.state == "REKEYING" || child.state == "REKEYED") {
			return true
		}
	}
	return false
}

// working: charon is at it, and tells when it gives up
func (s *ikeSA) working() bool {
	if s.state != "ESTABLISHED" {
		return true
	}
	for _, child := range s.children {
		if child.state != "INSTALLED" {
			return true
		}
	}
	return false
}

// newest: when keys were last agreed, to the second; zero where never
func (s *ikeSA) newest() time.Time {
	newest := s.established
	for _, child := range s.children {
		if child.installed.After(newest) {
			newest = child.installed
		}
	}
	return newest
}

// ago: charon tells moments in seconds before now
func ago(now time.Time, seconds string) time.Time {
	number, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return now.Add(-time.Duration(number) * time.Second)
}

// byteCounts adds up what went through all children that there were: each begins at 0.
type byteCounts struct{ last map[string][2]int64 }

func (b *byteCounts) count(all []ikeSA) (received, sent int64) {
	if b.last == nil {
		b.last = map[string][2]int64{}
	}
	for _, sa := range all {
		for _, child := range sa.children {
			b.last[child.id] = [2]int64{child.received, child.sent}
		}
	}
	for _, counts := range b.last {
		received, sent = received+counts[0], sent+counts[1]
	}
	return received, sent
}
