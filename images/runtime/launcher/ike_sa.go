package main

import (
	"errors"
	"strconv"
	"time"

	"github.com/strongswan/govici/vici"
)

// ikeSA is what charon's list-sas tells of one IKE_SA (README.md of strongSwan's plugin vici).
type ikeSA struct {
	name        string
	UniqueID    string        `vici:"uniqueid"`
	State       string        `vici:"state"`
	RemoteHost  string        `vici:"remote-host"`
	RemotePort  string        `vici:"remote-port"`
	Established string        `vici:"established"` // seconds ago
	Vips        []string      `vici:"local-vips"`
	Children    *vici.Message `vici:"child-sas"`
	children    []childSA
	read        time.Time
}

type childSA struct {
	Name      string `vici:"name"`
	UniqueID  string `vici:"uniqueid"`
	State     string `vici:"state"`
	BytesIn   string `vici:"bytes-in"`
	BytesOut  string `vici:"bytes-out"`
	Installed string `vici:"install-time"` // seconds ago
}

func readIkeSA(name string, told any) (ikeSA, error) {
	sa := ikeSA{name: name, read: now()}
	message, is := told.(*vici.Message)
	if !is {
		return sa, errors.New("charon tells of security associations in another way than is known")
	}
	if err := vici.UnmarshalMessage(message, &sa); err != nil || sa.Children == nil {
		return sa, err
	}
	for _, key := range sa.Children.Keys() {
		one, is := sa.Children.Get(key).(*vici.Message)
		if !is {
			continue
		}
		child := childSA{}
		if err := vici.UnmarshalMessage(one, &child); err != nil {
			return sa, err
		}
		sa.children = append(sa.children, child)
	}
	return sa, nil
}

// has: a child of that name carries traffic, if need be while its successor is negotiated
func (s *ikeSA) has(name string) bool {
	if s.State != "ESTABLISHED" && s.State != "REKEYING" {
		return false
	}
	for _, child := range s.children {
		if child.Name == name && (child.State == "INSTALLED" || child.State == "REKEYING" || child.State == "REKEYED") {
			return true
		}
	}
	return false
}

// working: charon is at it, and tells when it gives up
func (s *ikeSA) working() bool {
	if s.State != "ESTABLISHED" {
		return true
	}
	for _, child := range s.children {
		if child.State != "INSTALLED" {
			return true
		}
	}
	return false
}

// newest: when keys were last agreed, to the second; zero where never
func (s *ikeSA) newest() time.Time {
	newest := ago(s.read, s.Established)
	for _, child := range s.children {
		if at := ago(s.read, child.Installed); at.After(newest) {
			newest = at
		}
	}
	return newest
}

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
			in, _ := strconv.ParseInt(child.BytesIn, 10, 64)
			out, _ := strconv.ParseInt(child.BytesOut, 10, 64)
			b.last[child.UniqueID] = [2]int64{in, out}
		}
	}
	for _, counts := range b.last {
		received, sent = received+counts[0], sent+counts[1]
	}
	return received, sent
}
