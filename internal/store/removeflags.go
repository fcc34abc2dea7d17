// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// RemovalFlags are the flags of commands that remove events. Each command defines them with these names.
type RemovalFlags struct {
	// Source, Import, From, To and UID are --source, --import, --from, --to and --uid.
	Source, Import, From, To, UID string
	// Generation and Before are --generation and --generations-before; 0 if not set.
	Generation, Before int64
}

// RemovalUsages are the usages of the flags, by their names.
var RemovalUsages = map[string]string{
	"source":             "name of the TouchpointSource",
	"import":             "remove the events of this import",
	"from":               "remove the events from this time on: 2026-03-01 (UTC) or 2026-03-01T12:00:00Z",
	"to":                 "remove the events before this time",
	"generation":         "remove the events that the mapping of this generation of the TouchpointSource made",
	"generations-before": "remove the events that the mappings of all earlier generations made",
	"uid":                "with a generation: the UID of a TouchpointSource with this name that was deleted (default: the current one)",
}

// Request returns the request that the flags make. An error names the flag.
func (f *RemovalFlags) Request() (RemoveRequest, error) {
	r := RemoveRequest{Source: f.Source, Import: f.Import}
	if err := f.check(); err != nil {
		return r, err
	}
	switch {
	case f.Generation != 0:
		r.Generation = &Generations{UID: f.UID, Generation: f.Generation}
	case f.Before != 0:
		r.Generation = &Generations{UID: f.UID, Generation: f.Before, Before: true}
	case f.Import == "":
		r.Range = &TimeRange{From: event.MinTime, To: event.MaxTime + 1}
		if err := errors.Join(parseTime("--from", f.From, &r.Range.From), parseTime("--to", f.To, &r.Range.To)); err != nil {
			return r, err
		}
		if r.Range.From >= r.Range.To {
			return r, fmt.Errorf("--from %s is not before --to %s", f.From, f.To)
		}
	}
	return r, nil
}

// check returns an error if flags are missing, or exclude each other.
func (f *RemovalFlags) check() error {
	given := 0
	for _, set := range []bool{f.Import != "", f.From != "" || f.To != "", f.Generation != 0, f.Before != 0} {
		if set {
			given++
		}
	}
	switch {
	case f.Source == "":
		return errors.New("set --source to the name of the TouchpointSource")
	case given != 1:
		return errors.New("set exactly one of --import, --from with --to, --generation and --generations-before")
	case f.UID != "" && f.Generation == 0 && f.Before == 0:
		return fmt.Errorf("--uid %q: set --generation or --generations-before, too", f.UID)
	case f.Generation < 0 || f.Before < 0:
		return fmt.Errorf("--generation %d, --generations-before %d: generations start at 1", f.Generation, f.Before)
	}
	return nil
}

func parseTime(flag, text string, into *int64) error {
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			*into = t.UnixMicro()
			return nil
		}
	}
	return fmt.Errorf("%s %q: write a time as 2026-03-01 or 2026-03-01T12:00:00Z", flag, text)
}
