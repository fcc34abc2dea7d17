// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Objects that can be compared.
type Objects struct {
	Maps    []v1alpha1.JourneyMap
	Reports []v1alpha1.MetricReport
	Sources []v1alpha1.TouchpointSource
	Stores  []v1alpha1.EventStore
}

// Read adds the objects of a JSON text as kubectl prints it: one object, a list, or several of either.
func (o *Objects) Read(r io.Reader) error {
	d := json.NewDecoder(r)
	for {
		var raw json.RawMessage
		if err := d.Decode(&raw); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := o.add(raw); err != nil {
			return err
		}
	}
}

func (o *Objects) add(raw json.RawMessage) error {
	var head struct {
		Kind  string            `json:"kind"`
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	switch head.Kind {
	case "JourneyMap":
		return appendTo(&o.Maps, raw)
	case "MetricReport":
		return appendTo(&o.Reports, raw)
	case "TouchpointSource":
		return appendTo(&o.Sources, raw)
	case "EventStore":
		return appendTo(&o.Stores, raw)
	}
	if head.Items == nil {
		return fmt.Errorf("objects of the kind %q cannot be compared", head.Kind)
	}
	for _, item := range head.Items {
		if err := o.add(item); err != nil {
			return err
		}
	}
	return nil
}

func appendTo[T any](list *[]T, raw json.RawMessage) error {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}

// Compare returns the table of all objects.
func (o *Objects) Compare(sent []wire.Tally, worlds ...*world.World) (*Table, error) {
	t := &Table{}
	for i := range o.Maps {
		if err := t.Map(&o.Maps[i], worlds...); err != nil {
			return nil, err
		}
	}
	for i := range o.Reports {
		r := &o.Reports[i]
		m := o.mapOf(r)
		if m == nil {
			return nil, fmt.Errorf("MetricReport/%s: its JourneyMap %s must be given as well", r.Name, r.Spec.JourneyMapRef.Name)
		}
		if err := t.Report(r, m, worlds...); err != nil {
			return nil, err
		}
	}
	for i := range o.Sources {
		t.Source(&o.Sources[i], sent...)
	}
	for i := range o.Stores {
		t.Store(&o.Stores[i], sent...)
	}
	if len(t.Lines) == 0 {
		return nil, errors.New("there is nothing to compare")
	}
	return t, nil
}

func (o *Objects) mapOf(r *v1alpha1.MetricReport) *v1alpha1.JourneyMap {
	for i := range o.Maps {
		m := &o.Maps[i]
		if m.Name == string(r.Spec.JourneyMapRef.Name) && m.Namespace == r.Namespace {
			return m
		}
	}
	return nil
}
