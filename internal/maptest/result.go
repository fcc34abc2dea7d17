// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package maptest

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/recording"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Result is what becomes of a request.
type Result struct {
	Request        Request        `json:"request"`
	Authentication Authentication `json:"authentication"`
	// Answer is what the sender gets.
	Answer Answer `json:"answer"`
	// Refused is set if the request is refused as a whole.
	Refused *Refusal `json:"refused,omitempty"`
	// Documents of the request, in their order.
	Documents []Document `json:"documents"`
}

// Request is the head of a request. ReceivedAtFrom says where the time of receipt is from.
type Request struct {
	Method         string    `json:"method"`
	URL            string    `json:"url"`
	ReceivedAt     time.Time `json:"receivedAt"`
	ReceivedAtFrom string    `json:"receivedAtFrom"`
	// Assumed is set if the recording has only the document.
	Assumed bool `json:"assumed,omitempty"`
}

// Authentication of the sender.
type Authentication struct {
	Status  string `json:"status"`
	Reason  string `json:"reason,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message,omitempty"`
}

// Values of the status of an authentication.
const (
	Valid      = "valid"
	Invalid    = "invalid"
	NotChecked = "not checked"
	NotNeeded  = "not needed"
)

// Answer is a response.
type Answer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body"`
}

// Document is what becomes of one document. Its events can be stored although others of it are refused.
type Document struct {
	Index int `json:"index"`
	// Rule that matched; empty for the built-in mapping, or if there is none.
	Rule    string           `json:"rule,omitempty"`
	Dropped pipeline.LeftOut `json:"dropped,omitempty"`
	Events  []Event          `json:"events,omitempty"`
	Refused []Refusal        `json:"refused,omitempty"`
	Ignored []Ignored        `json:"ignored,omitempty"`
}

// Refusal is why something was refused. Value is that of the field, if it is known.
type Refusal struct {
	Reason string `json:"reason"`
	Field  string `json:"field,omitempty"`
	Value  any    `json:"value,omitempty"`
	// HasValue is set if the value is known; it can be null.
	HasValue bool `json:"-"`
	// Inputs are what a failed expression uses of the document.
	Inputs  map[string]any `json:"inputs,omitempty"`
	Message string         `json:"message"`
}

// Ignored is an identity that was not used.
type Ignored struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	Why   string `json:"why"`
}

// Identity of an event. Hashed is set if the store keeps only a hash; Value is that hash if there is a pepper, else the normal form that is hashed.
type Identity struct {
	Type   string `json:"type"`
	Value  string `json:"value"`
	Hashed bool   `json:"hashed,omitempty"`
}

var hashForm = regexp.MustCompile(`^h[0-9a-f]{8}:`)

func (i *Identity) isHash() bool { return hashForm.MatchString(i.Value) }

// Event is an event as it is stored.
type Event struct {
	Name       string          `json:"event"`
	Time       time.Time       `json:"time"`
	TimeFrom   string          `json:"timeFrom"`
	ID         string          `json:"id"`
	IDFrom     string          `json:"idFrom,omitempty"`
	Kind       string          `json:"kind"`
	Initiator  string          `json:"initiator"`
	Channel    string          `json:"channel"`
	Identities []Identity      `json:"identities,omitempty"`
	SessionID  string          `json:"sessionId,omitempty"`
	OrderID    string          `json:"orderId,omitempty"`
	Amount     string          `json:"amount,omitempty"`
	Currency   string          `json:"currency,omitempty"`
	Survey     *Survey         `json:"survey,omitempty"`
	Items      json.RawMessage `json:"products,omitempty"`
	Properties json.RawMessage `json:"properties,omitempty"`
	Traits     json.RawMessage `json:"traits,omitempty"`
	Groups     json.RawMessage `json:"groups,omitempty"`
	Flags      []string        `json:"flags,omitempty"`
}

// Survey is an answer.
type Survey struct {
	Kind  string `json:"kind"`
	Score string `json:"score"`
	Scale string `json:"scale"`
}

// RequestOf returns the head of a request.
func RequestOf(r *recording.Request, at time.Time, from string) Request {
	return Request{Method: r.Method, URL: r.URL.String(), ReceivedAt: at.UTC(), ReceivedAtFrom: from, Assumed: r.Bare}
}

var (
	timeFrom   = map[event.TimeSource]string{event.TimeFromEvent: "event", event.TimeFromSent: "corrected", event.TimeFromReceipt: "receipt"}
	kinds      = map[event.Kind]string{event.Track: "track", event.Identify: "identify", event.Alias: "alias", event.System: "system"}
	initiators = map[event.Initiator]string{event.Customer: "customer", event.Brand: "brand", event.Machine: "system"}
	flags      = []struct {
		flag event.Flags
		name string
	}{
		{event.FlagTest, "test"}, {event.FlagBot, "bot"}, {event.FlagFuture, "future"}, {event.FlagOwn, "own"}, {event.FlagUnidentified, "unidentified"},
	}
)

// eventOf returns an event as it is shown. hashed are the types of identities that the store hashes.
func eventOf(s *pipeline.Stored, hashed []v1alpha1.IdentityType) Event {
	e := &s.Event
	out := Event{
		Name: e.Name, Time: time.UnixMicro(e.Time).UTC(), TimeFrom: timeFrom[e.TimeSource], ID: e.ID, IDFrom: string(s.IDFrom),
		Kind: kinds[e.Kind], Initiator: initiators[e.Initiator], Channel: e.Channel, SessionID: e.SessionID, OrderID: e.OrderID,
		Items: e.Items, Properties: e.Properties, Traits: e.Traits, Groups: e.Groups,
	}
	for _, i := range e.Identities {
		out.Identities = append(out.Identities, Identity{i.Type, i.Value, slices.Contains(hashed, v1alpha1.IdentityType(i.Type))})
	}
	if e.Currency != "" {
		out.Amount, out.Currency = decimal(e.Amount, 2), e.Currency
	}
	if e.Survey.Kind != "" {
		out.Survey = &Survey{e.Survey.Kind, decimal(e.Survey.Score, 0), decimal(e.Survey.Scale, 0)}
	}
	for _, f := range flags {
		if e.Flags&f.flag != 0 {
			out.Flags = append(out.Flags, f.name)
		}
	}
	return out
}

// decimal returns micro-units as a decimal number with at least some digits after the point.
func decimal(micros int64, digits int) string {
	text := new(big.Rat).SetFrac64(micros, event.MicroUnits).FloatString(6)
	for last := len(text) - 1; text[last] == '0' && last > strings.IndexByte(text, '.')+digits; last-- {
		text = text[:last]
	}
	return strings.TrimSuffix(text, ".")
}

// documentOf returns what became of a document.
func (t *Tester) documentOf(s *pipeline.Step, r *recording.Request) Document {
	d := Document{Index: s.Index, Rule: s.Rule, Dropped: s.Dropped}
	var hashed []v1alpha1.IdentityType
	if t.document.Privacy != nil {
		hashed = t.document.Privacy.Hash
	}
	for i := range s.Events {
		d.Events = append(d.Events, eventOf(&s.Events[i], hashed))
	}
	for i := range s.Refused {
		d.Refused = append(d.Refused, *t.refusal(&s.Refused[i], r, s.Index, s.Document))
	}
	for _, i := range s.Ignored {
		why := "it is not valid for its type"
		if i.Placeholder {
			why = "it is a placeholder, which stands for nobody"
		}
		d.Ignored = append(d.Ignored, Ignored{i.Type, i.Value, why})
	}
	return d
}

// refusal returns a refusal with the value of its field: that of the rule's expression, or what the document has there.
func (t *Tester) refusal(f *pipeline.Refusal, r *recording.Request, index int, document func() (any, error)) *Refusal {
	out := &Refusal{Reason: f.Reason, Field: f.Field, Value: f.Value, HasValue: f.HasValue, Inputs: f.Inputs, Message: f.Message}
	if out.HasValue || f.Inputs != nil || f.Field == "" {
		return out
	}
	if document != nil {
		if body, err := document(); err == nil {
			out.Value, out.HasValue = find(body, f.Field)
		}
	}
	if !out.HasValue {
		if body, err := value.Decode(r.Body); err == nil {
			out.Value, out.HasValue = find(element(body, index), f.Field)
		}
	}
	if text := r.Header.Get(f.Field); !out.HasValue && index < 0 && text != "" {
		out.Value, out.HasValue = text, true
	}
	return out
}

// batches are the fields in which protocols of SDKs send several documents.
var batches = []string{"batch", "events", "requests", "data"}

// element returns the document at an index of a batch, or the body if it is no batch.
func element(body any, index int) any {
	list, _ := body.([]any)
	if object, ok := body.(map[string]any); ok {
		for _, name := range batches {
			if inner, ok := object[name].([]any); ok && list == nil {
				list = inner
			}
		}
	}
	if index >= 0 && index < len(list) {
		return list[index]
	}
	return body
}

// find returns the value at a path of names.
func find(v any, path string) (any, bool) {
	for _, name := range strings.Split(path, ".") {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = object[name]; !ok {
			return nil, false
		}
	}
	return v, true
}
