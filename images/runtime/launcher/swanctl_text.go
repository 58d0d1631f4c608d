package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Nothing that may stand in a swanctl.conf is deeper.
const mostDepth = 5

// setting is `name = value`; section is what stands between braces. Both know their line, from 1.
type setting struct {
	line        int
	name, value string
}

type section struct {
	line     int
	name     string
	settings []setting
	sections []*section
}

func (s *section) setting(name string) (setting, bool) {
	for _, one := range s.settings {
		if one.name == name {
			return one, true
		}
	}
	return setting{}, false
}

func (s *section) section(name string) *section {
	for _, one := range s.sections {
		if one.name == name {
			return one
		}
	}
	return nil
}

// swanctlText reads the small part of strongSwan's language of settings that the operator's parser takes too
// (io.urvpn.tunnel.SwanctlText): where strongSwan's own reader might see something else, nothing is read. What it quotes
// of the text is never a value, which may be a secret.
type swanctlText struct {
	text string
	at   int
	line int
	open []*section
}

func readSwanctl(text []byte) (root *section, err error) {
	reader := &swanctlText{text: strings.ReplaceAll(string(text), "\r\n", "\n"), line: 1}
	if !utf8.ValidString(reader.text) {
		return nil, fmt.Errorf("the configuration is no UTF-8 text")
	}
	defer func() {
		if refused, is := recover().(refusal); is {
			root, err = nil, refused
		}
	}()
	return reader.whole(), nil
}

// refusal names the line and why.
type refusal struct {
	line   int
	reason string
}

func (r refusal) Error() string { return fmt.Sprintf("line %d %s", r.line, r.reason) }

func (t *swanctlText) refuse(reason string) { panic(refusal{t.line, reason}) }

func (t *swanctlText) whole() *section {
	t.open = []*section{{}}
	for t.skipToNext() {
		if t.peek() == '}' {
			if len(t.open) == 1 {
				t.refuse("has a '}' that no '{' belongs to")
			}
			t.open = t.open[:len(t.open)-1]
			t.at++
		} else {
			t.named()
		}
	}
	if last := t.open[len(t.open)-1]; len(t.open) > 1 {
		panic(refusal{last.line, "begins a section that does not end"})
	}
	return t.open[0]
}

func (t *swanctlText) named() {
	name := t.name()
	t.skipSpaces()
	parent := t.open[len(t.open)-1]
	switch t.peek() {
	case '{':
		t.at++
		if parent.section(name) != nil {
			t.refuse("begins a section that is there already")
		}
		child := &section{line: t.line, name: name}
		parent.sections = append(parent.sections, child)
		if t.open = append(t.open, child); len(t.open) > mostDepth {
			t.refuse("begins a section deeper than any that swanctl.conf has")
		}
	case '=':
		t.at++
		if _, found := parent.setting(name); found {
			t.refuse("sets what is set already")
		}
		parent.settings = append(parent.settings, setting{t.line, name, t.value()})
	default:
		t.refuse("must have a '{' or a '=' behind its first name, on the same line")
	}
}

var settingName = regexp.MustCompile(`^[A-Za-z0-9_-]+`)

func (t *swanctlText) name() string {
	name := settingName.FindString(t.text[t.at:])
	if name == "" || name == "include" {
		t.refuse("does not begin with the name of a section or setting, or includes a file")
	}
	t.at += len(name)
	return name
}

func (t *swanctlText) value() string {
	t.skipSpaces()
	value := ""
	if t.peek() == '"' {
		value = t.quoted()
	} else {
		value = t.words()
	}
	if value == "" {
		t.refuse("has a setting without a value")
	}
	return value
}

// quoted: a backslash takes a quote or another backslash
func (t *swanctlText) quoted() string {
	var value strings.Builder
	for t.at++; t.peek() != '"'; t.at++ {
		if t.ended() {
			t.refuse("has a quotation that does not end on its line")
		}
		if t.peek() == '\\' {
			if t.at++; t.peek() != '"' && t.peek() != '\\' {
				t.refuse("has a backslash before something else than a '\"' or a backslash")
			}
		}
		if t.peek() < ' ' && t.peek() != '\t' || t.peek() == 0x7f {
			t.refuse("has a control character")
		}
		value.WriteByte(t.peek())
	}
	t.at++
	t.skipSpaces()
	if !t.ended() && t.peek() != '#' && t.peek() != '}' {
		t.refuse("has text behind a quotation")
	}
	return value.String()
}

// words: up to the line's end, a comment or the section's end; between two words strongSwan has one space
func (t *swanctlText) words() string {
	from := t.at
	for ; !t.ended() && t.peek() != '#' && t.peek() != '}'; t.at++ {
		if letter := t.peek(); strings.ContainsRune("\"'\\;{", rune(letter)) || letter > '~' || letter < ' ' && letter != '\t' {
			t.refuse("has a letter in a value that needs quotation")
		}
	}
	raw := t.text[from:t.at]
	if t.peek() == '#' && raw != "" && !space(raw[len(raw)-1]) {
		t.refuse("has a '#' within a word")
	}
	value := strings.Join(strings.Fields(raw), " ")
	if strings.Contains(" "+value, " =") {
		t.refuse("has more than one '='")
	}
	return value
}

// skipToNext returns false at the end.
func (t *swanctlText) skipToNext() bool {
	for ; t.at < len(t.text); t.at++ {
		switch {
		case t.peek() == '#':
			for !t.ended() {
				t.at++
			}
			t.at--
		case t.peek() == '\n':
			t.line++
		case !space(t.peek()):
			return true
		}
	}
	return false
}

func (t *swanctlText) skipSpaces() {
	for space(t.peek()) {
		t.at++
	}
}

func (t *swanctlText) ended() bool { return t.at >= len(t.text) || t.text[t.at] == '\n' }

func (t *swanctlText) peek() byte {
	if t.at < len(t.text) {
		return t.text[t.at]
	}
	return 0
}

func space(letter byte) bool { return letter == ' ' || letter == '\t' }
