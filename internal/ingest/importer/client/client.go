// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package client reads an exported file and sends its records to the pod of a source, which stores them (see package importer).
package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
)

// Options of an import.
type Options struct {
	// Run runs the program of a pod that serves an import, until it ends. An error says why it ended early.
	Run func(ctx context.Context, in io.Reader, out io.Writer) error
	// File to import. Name and Import are those of importer.Options.
	File   export.Source
	Name   string
	Import string
	// DryRun stores nothing.
	DryRun bool
	// Hello is called when the pod has told its settings, Progress after each append, Waiting while the store does not accept records, Again before the
	// connection is made again, and Note for remarks on how the file is read. They are called one at a time, except Note.
	Hello    func(*importer.Hello)
	Progress func(*importer.Result)
	Waiting  func(why string)
	Again    func(problem error)
	Note     func(remark string)
	// FirstPause is the time before the first attempt to connect again; it doubles with each further one. The default is a second.
	FirstPause time.Duration
}

// attempts is how often the connection is made again without any progress.
const attempts = 5

// Import imports the file. If the connection breaks, it is made again, and the import resumes after the last record that is stored. The result is that of
// what is stored, also with an error.
func Import(ctx context.Context, o Options) (*importer.Result, error) {
	if o.FirstPause == 0 {
		o.FirstPause = time.Second
	}
	total := &importer.Result{}
	for failures, greeted := 0, false; ; failures++ {
		before := total.Position
		s := &session{Options: &o, total: total, after: before, greeted: greeted}
		err := s.run(ctx)
		if err != nil && ctx.Err() != nil {
			return total, ctx.Err()
		}
		if err == nil || !errors.Is(err, errBroken) {
			return total, err
		}
		if total.Position > before {
			failures = 0
		}
		if greeted = s.greeted; !greeted || failures >= attempts {
			return total, err
		}
		o.Again(err)
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(o.FirstPause << failures):
		}
	}
}

// errBroken means that the program in the pod ended without a result.
var errBroken = errors.New("the connection to the pod broke")

// session is one connection.
type session struct {
	*Options
	// total is the result of all sessions; records up to after are stored already.
	total *importer.Result
	after int64
	// greeted is set if a pod has ever said hello.
	greeted bool
	// latest is the progress of this session.
	latest importer.Result
}

func (s *session) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	in, toPod := io.Pipe()
	fromPod, out := io.Pipe()
	ended := make(chan struct{})
	go func() {
		err := s.Run(ctx, in, out)
		if err == nil {
			err = io.EOF
		}
		_ = in.CloseWithError(err) // It cannot fail.
		_ = out.CloseWithError(err)
		close(ended)
	}()
	err := s.talk(ctx, bufio.NewReader(fromPod), toPod)
	s.total.Add(&s.latest)
	stop()
	_ = fromPod.Close() // None of these can fail, and they end what waits for them.
	_ = toPod.Close()
	<-ended
	return err
}

// talk sends the file and reads the answers.
func (s *session) talk(ctx context.Context, from *bufio.Reader, to *io.PipeWriter) error {
	hello, err := s.hello(from)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() {
		w := &sender{session: s, out: bufio.NewWriterSize(to, 64<<10)}
		err := w.send(ctx, hello.Files)
		if file := new(fileError); err != nil && !errors.As(err, &file) {
			_ = to.CloseWithError(err) // It cannot fail.
		}
		sent <- err
	}()
	err = s.answers(from)
	stop()
	_ = to.Close()
	wrong := <-sent
	// A file that is damaged is read again if the connection broke: what is before the damage is stored then.
	if file := new(fileError); errors.As(wrong, &file) && !errors.Is(err, errBroken) {
		return errors.Join(file.error, err)
	}
	return err
}

// answer reads the next message of the pod.
func answer(from *bufio.Reader, into any) error {
	raw, err := from.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the pod says what this program does not understand (%w): use kubectl journey of the version of the operator", err)
	}
	return nil
}

// hello reads the settings of the source.
func (s *session) hello(from *bufio.Reader) (*importer.Hello, error) {
	var m struct {
		importer.Hello
		Error string `json:"error"`
	}
	if err := answer(from, &m); err != nil {
		return nil, err
	}
	switch {
	case m.Error != "":
		return nil, errors.New(m.Error)
	case m.Version != importer.Version:
		return nil, fmt.Errorf("the pod speaks version %d of the protocol, and this program version %d: use kubectl journey of the version of the operator",
			m.Version, importer.Version)
	}
	if !s.greeted {
		s.greeted = true
		s.Hello(&m.Hello)
	}
	return &m.Hello, nil
}

// answers reads the answers until the result.
func (s *session) answers(from *bufio.Reader) error {
	for {
		var m importer.FromPod
		if err := answer(from, &m); err != nil {
			return err
		}
		switch {
		case m.Done != nil:
			s.latest = *m.Done
			return nil
		case m.Error != "":
			if m.Failed != nil {
				s.latest = *m.Failed
			}
			return errors.New(m.Error)
		case m.Waiting != "":
			s.Waiting(m.Waiting)
		case m.Progress != nil:
			s.latest = *m.Progress
			sum := *s.total
			sum.Events, sum.Reasons = nil, nil
			sum.Add(m.Progress)
			s.Progress(&sum)
		}
	}
}
