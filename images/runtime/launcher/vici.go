package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Types of packets and elements of vici, charon's control protocol (README.md of strongSwan's plugin vici).
const (
	viciRequest = iota
	viciResponse
	viciUnknownCommand
	viciRegister
	viciUnregister
	viciConfirm
	viciUnknownEvent
	viciEvent
)

const (
	viciSectionStart = iota + 1
	viciSectionEnd
	viciKeyValue
	viciListStart
	viciListItem
	viciListEnd
)

const maxViciPacket = 512 * 1024

var errViciMessage = errors.New("charon answered with what is no message of vici")

// viciSection is a message, which has a name where it is an event, or a section of one.
type viciSection struct {
	name     string
	values   map[string]string
	lists    map[string][]string
	sections []*viciSection
}

func newViciSection(name string) *viciSection {
	return &viciSection{name: name, values: map[string]string{}, lists: map[string][]string{}}
}

// section of that name; an empty one where there is none
func (s *viciSection) section(name string) *viciSection {
	for _, one := range s.sections {
		if one.name == name {
			return one
		}
	}
	return newViciSection(name)
}

// vici is a connection to charon: either requests go over it, one after the other, or events come.
type vici struct{ connection net.Conn }

func dialVici(socket string) (*vici, error) {
	connection, err := net.DialTimeout("unix", socket, commandTimeout)
	if err != nil {
		return nil, err
	}
	return &vici{connection}, nil
}

func (v *vici) close() { _ = v.connection.Close() }

// request sends a command, and returns what charon answers.
func (v *vici) request(command string, arguments map[string]string) (*viciSection, error) {
	return v.stream(command, arguments, "", nil)
}

// stream sends a command upon which charon answers with events of that name first; each is given to take.
func (v *vici) stream(command string, arguments map[string]string, event string, take func(*viciSection)) (*viciSection, error) {
	if err := v.connection.SetDeadline(time.Now().Add(commandTimeout)); err != nil {
		return nil, err
	}
	if event != "" {
		if err := v.register(viciRegister, event); err != nil {
			return nil, err
		}
	}
	if err := v.write(viciRequest, command, encodeVici(arguments)); err != nil {
		return nil, err
	}
	for {
		kind, message, err := v.read()
		switch {
		case err != nil:
			return nil, err
		case kind == viciEvent:
			take(message)
		case kind != viciResponse:
			return nil, fmt.Errorf("charon does not know the command %s", command)
		case event != "":
			return message, v.register(viciUnregister, event)
		default:
			return message, nil
		}
	}
}

// listen subscribes to events, and gives the message of each to heard until the connection is closed.
func (v *vici) listen(heard func(*viciSection), events ...string) error {
	for _, event := range events {
		if err := v.write(viciRegister, event, nil); err != nil {
			return err
		}
	}
	for {
		kind, message, err := v.read()
		if err != nil || kind == viciUnknownEvent {
			return errors.Join(err, errViciMessage)
		}
		if kind == viciEvent {
			heard(message)
		}
	}
}

func (v *vici) register(kind byte, event string) error {
	if err := v.write(kind, event, nil); err != nil {
		return err
	}
	answer, _, err := v.read()
	if err == nil && answer != viciConfirm {
		err = fmt.Errorf("charon does not know the event %s", event)
	}
	return err
}

// write: a packet is its length, its type, its name and its message
func (v *vici) write(kind byte, name string, message []byte) error {
	packet := binary.BigEndian.AppendUint32(nil, uint32(2+len(name)+len(message)))
	packet = append(packet, kind, byte(len(name)))
	packet = append(append(packet, name...), message...)
	_, err := v.connection.Write(packet)
	return err
}

func (v *vici) read() (kind byte, message *viciSection, err error) {
	var length [4]byte
	if _, err := io.ReadFull(v.connection, length[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(length[:])
	if size == 0 || size > maxViciPacket {
		return 0, nil, errViciMessage
	}
	packet := make([]byte, size)
	if _, err := io.ReadFull(v.connection, packet); err != nil {
		return 0, nil, err
	}
	reader := viciReader{rest: packet[1:]}
	name := ""
	if packet[0] == viciEvent {
		name = reader.text(1)
	}
	message = newViciSection(name)
	reader.elements(message)
	return packet[0], message, reader.err
}

func encodeVici(arguments map[string]string) []byte {
	var message []byte
	for key, value := range arguments {
		message = append(message, viciKeyValue, byte(len(key)))
		message = append(message, key...)
		message = binary.BigEndian.AppendUint16(message, uint16(len(value)))
		message = append(message, value...)
	}
	return message
}

// viciReader takes a message apart. After an error nothing more is taken.
type viciReader struct {
	rest []byte
	err  error
}

func (r *viciReader) elements(into *viciSection) {
	list := ""
	for r.err == nil && len(r.rest) > 0 {
		kind := r.rest[0]
		r.rest = r.rest[1:]
		switch kind {
		case viciSectionStart:
			section := newViciSection(r.text(1))
			into.sections = append(into.sections, section)
			r.elements(section)
		case viciSectionEnd:
			return
		case viciKeyValue:
			key := r.text(1)
			into.values[key] = r.text(2)
		case viciListStart:
			list = r.text(1)
		case viciListItem:
			into.lists[list] = append(into.lists[list], r.text(2))
		case viciListEnd:
			list = ""
		default:
			r.err = errViciMessage
		}
	}
}

// text behind its length of one or two bytes
func (r *viciReader) text(lengthBytes int) string {
	if r.err != nil || len(r.rest) < lengthBytes {
		r.err = errViciMessage
		return ""
	}
	length := int(r.rest[0])
	if lengthBytes == 2 {
		length = int(binary.BigEndian.Uint16(r.rest))
	}
	if len(r.rest) < lengthBytes+length {
		r.err = errViciMessage
		return ""
	}
	text := string(r.rest[lengthBytes : lengthBytes+length])
	r.rest = r.rest[lengthBytes+length:]
	return text
}
