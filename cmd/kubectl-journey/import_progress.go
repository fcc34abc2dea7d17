// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
)

const (
	// quiet is how long an import can take without progress being shown. A terminal gets a line that changes, anything else a line now and then.
	quiet        = 2 * time.Second
	terminalEach = 500 * time.Millisecond
	logEach      = 10 * time.Second
)

// importProgress shows the progress of an import.
type importProgress struct {
	to       io.Writer
	name     string
	size     int64
	terminal bool
	read     atomic.Int64

	mu    sync.Mutex
	next  time.Time
	width int
}

func newProgress(to io.Writer, name string, size int64) *importProgress {
	p := &importProgress{to: to, name: name, size: size, next: time.Now().Add(quiet)}
	if f, ok := to.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// counted counts the bytes that are read.
type counted struct {
	export.Source
	n *atomic.Int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Source.Read(b)
	c.n.Add(int64(n))
	return n, err
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.Source.ReadAt(b, at)
	c.n.Add(int64(n))
	return n, err
}

// Seek to the start begins to read again.
func (c *counted) Seek(offset int64, whence int) (int64, error) {
	if offset == 0 && whence == io.SeekStart {
		c.n.Store(0)
	}
	return c.Source.Seek(offset, whence)
}

// reading returns the file, whose bytes are counted as they are read.
func (p *importProgress) reading(f export.Source) export.Source {
	return &counted{Source: f, n: &p.read}
}

// line writes a line if it is time to, or at once.
func (p *importProgress) line(atOnce bool, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if !atOnce && now.Before(p.next) {
		return
	}
	if !p.terminal {
		p.next = now.Add(logEach)
		_, _ = fmt.Fprintf(p.to, "%s: %s\n", p.name, text)
		return
	}
	p.next = now.Add(terminalEach)
	text = p.name + ": " + text
	_, _ = fmt.Fprintf(p.to, "\r%s%s", text, strings.Repeat(" ", max(0, p.width-len(text))))
	p.width = len(text)
}

func (p *importProgress) progress(r *importer.Result) {
	share := int64(100)
	if p.size > 0 {
		share = min(100, 100*p.read.Load()/p.size)
	}
	p.line(false, fmt.Sprintf("%d %%, %d records, %d new events, %d known, %d records refused", share, r.Records, r.Stored, r.Known, r.Refused))
}

func (p *importProgress) waiting(why string) { p.line(false, "waiting: "+why) }

func (p *importProgress) again(problem error) {
	p.line(true, "connecting again: "+strings.ReplaceAll(problem.Error(), "\n", " "))
}

func (p *importProgress) note(remark string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintf(p.to, "%snote: %s: %s\n", p.lineEnd(), p.name, remark)
}

// lineEnd ends the line that changes. The caller holds the lock.
func (p *importProgress) lineEnd() string {
	if p.width == 0 {
		return ""
	}
	p.width = 0
	return "\n"
}

func (p *importProgress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.to, p.lineEnd())
}
