package main

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
)

const maxPartialLine = 4096

// maskedLog passes a daemon's output on line by line, without what looks like a key. What keeps a daemon from starting
// stands there only: its management interface is not open yet.
type maskedLog struct {
	log     *slog.Logger
	status  *connectionFile
	lock    sync.Mutex
	partial []byte
}

func newMaskedLog(log *slog.Logger, status *connectionFile) *maskedLog {
	return &maskedLog{log: log, status: status}
}

func (m *maskedLog) Write(output []byte) (int, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.partial = append(m.partial, output...)
	for {
		line, rest, whole := bytes.Cut(m.partial, []byte("\n"))
		if !whole && len(m.partial) < maxPartialLine {
			return len(output), nil
		}
		if !whole {
			line, rest = m.partial, nil
		}
		m.line(strings.TrimSpace(string(line)))
		m.partial = append([]byte(nil), rest...)
	}
}

func (m *maskedLog) line(line string) {
	if line == "" {
		return
	}
	if strings.HasPrefix(line, "Options error:") {
		m.status.failed(line)
	}
	m.log.Info(masked(line), "from", "daemon")
}
