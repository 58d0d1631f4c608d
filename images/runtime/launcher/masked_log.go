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
	judge   func(line string) (shown bool, failure string)
	lock    sync.Mutex
	partial []byte
}

func newMaskedLog(log *slog.Logger, status *connectionFile) *maskedLog {
	return newDaemonLog(log, status, func(line string) (bool, string) {
		if strings.HasPrefix(line, "Options error:") {
			return true, line
		}
		return true, ""
	})
}

// newDaemonLog is newMaskedLog for another daemon: judge says whether a line is shown, and which failure it tells of.
func newDaemonLog(log *slog.Logger, status *connectionFile, judge func(string) (bool, string)) *maskedLog {
	return &maskedLog{log: log, status: status, judge: judge}
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
	shown, failure := m.judge(line)
	if failure != "" {
		m.status.failed(failure)
	}
	if shown {
		m.log.Info(masked(line), "from", "daemon")
	}
}
