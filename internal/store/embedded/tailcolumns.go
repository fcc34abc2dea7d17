// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// How a column of the tail is filled from events.
var (
	longsOf = map[string]func(*event.Event) int64{
		store.ColumnTime:       func(e *event.Event) int64 { return e.Time },
		store.ColumnReceivedAt: func(e *event.Event) int64 { return e.ReceivedAt },
		store.ColumnAmount:     func(e *event.Event) int64 { return e.Amount },
		store.ColumnScore:      func(e *event.Event) int64 { return e.Survey.Score },
		store.ColumnScale:      func(e *event.Event) int64 { return e.Survey.Scale },
		"mappingGeneration":    func(e *event.Event) int64 { return e.MappingGeneration },
	}
	bytesOf = map[string]func(*event.Event) uint8{
		store.ColumnKind:      func(e *event.Event) uint8 { return uint8(e.Kind) },
		store.ColumnInitiator: func(e *event.Event) uint8 { return uint8(e.Initiator) },
		"timeSource":          func(e *event.Event) uint8 { return uint8(e.TimeSource) },
		store.ColumnFlags:     func(e *event.Event) uint8 { return uint8(e.Flags) },
	}
	textsOf = map[string]func(*event.Event) string{
		"id":                   func(e *event.Event) string { return e.ID },
		store.ColumnSource:     func(e *event.Event) string { return e.Source },
		store.ColumnChannel:    func(e *event.Event) string { return e.Channel },
		store.ColumnEvent:      func(e *event.Event) string { return e.Name },
		store.ColumnSessionID:  func(e *event.Event) string { return e.SessionID },
		store.ColumnOrderID:    func(e *event.Event) string { return e.OrderID },
		store.ColumnCurrency:   func(e *event.Event) string { return e.Currency },
		store.ColumnSurveyKind: func(e *event.Event) string { return e.Survey.Kind },
		store.ColumnTraits:     func(e *event.Event) string { return string(e.Traits) },
		store.ColumnGroups:     func(e *event.Event) string { return string(e.Groups) },
		store.ColumnItems:      func(e *event.Event) string { return string(e.Items) },
		store.ColumnProperties: func(e *event.Event) string { return string(e.Properties) },
		store.ColumnIdentities: func(e *event.Event) string { return pairsOf(e.Identities) },
	}
)

// addEvents fills a column from events.
func (f *freshRows) addEvents(column int, name string, events []event.Event) {
	c := &f.columns[column]
	switch {
	case longsOf[name] != nil:
		get := longsOf[name]
		for i := range events {
			c.Longs = append(c.Longs, get(&events[i]))
		}
	case bytesOf[name] != nil:
		get := bytesOf[name]
		for i := range events {
			c.Bytes = append(c.Bytes, get(&events[i]))
		}
	default:
		get := textsOf[name]
		for i := range events {
			f.addText(column, get(&events[i]))
		}
	}
}

// addClasses fills the column of classes.
func (f *freshRows) addClasses(column int, events []event.Event) {
	texts := store.NewClassTexts()
	for i := range events {
		class := store.ClassOf(&events[i])
		f.addText(column, texts.Text(&class))
	}
}

// pairsOf gives identities as a text in which lengths stand before types and values.
func pairsOf(list []event.Identity) string {
	var b []byte
	for _, id := range list {
		for _, text := range [...]string{id.Type, id.Value} {
			b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
		}
	}
	return string(b)
}

// identitiesOf reads what pairsOf wrote.
func identitiesOf(pairs string) ([]event.Identity, error) {
	list := []event.Identity{}
	for pairs != "" {
		var id event.Identity
		var err error
		if id, pairs, err = firstIdentity(pairs); err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, nil
}

var errPairs = errors.New("identities in memory are damaged")

// firstIdentity reads the first one of what pairsOf wrote, and gives the rest. It shares their memory.
func firstIdentity(pairs string) (id event.Identity, rest string, err error) {
	for _, text := range [...]*string{&id.Type, &id.Value} {
		size, n := binary.Uvarint([]byte(pairs[:min(len(pairs), binary.MaxVarintLen64)]))
		if n <= 0 || size > uint64(len(pairs)-n) {
			return id, "", errPairs
		}
		*text, pairs = pairs[n:n+int(size)], pairs[n+int(size):]
	}
	return id, pairs, nil
}

// pairsJSON gives the identities as a scan gives them.
func pairsJSON(pairs string) string {
	list, err := identitiesOf(pairs)
	if err == nil {
		var b []byte
		if b, err = json.Marshal(list); err == nil {
			return string(b)
		}
	}
	panic(err) // pairsOf wrote it, into memory.
}
