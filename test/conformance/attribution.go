// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey/attribution"
)

// attributionCase is a case of touches before one conversion.
type attributionCase struct {
	Touchpoints []touchCase `json:"touchpoints"`
	Conversion  struct {
		touchCase
		Value float64 `json:"value"`
	} `json:"conversion"`
	Query struct {
		Model    string `json:"model"`
		Lookback string `json:"lookback"`
		HalfLife string `json:"half_life"`
	} `json:"query"`
	Expected struct {
		Credit map[string]float64 `json:"credit"`
	} `json:"expected"`
}

type touchCase struct {
	Channel string    `json:"channel"`
	Time    time.Time `json:"time"`
	Session string    `json:"session"`
}

// noneChannel is the name in cases for conversions without credited touches.
const noneChannel = "none"

// models maps the models of cases to those of the API.
var models = map[string]v1alpha1.AttributionModel{
	"first_touch": v1alpha1.FirstTouch, "last_touch": v1alpha1.LastTouch, "linear": v1alpha1.Linear,
	"u_shaped": v1alpha1.UShaped, "j_shaped": v1alpha1.JShaped, "j_curve": v1alpha1.JShaped, "j": v1alpha1.JShaped,
	"inverse_j": v1alpha1.InverseJ, "inverse_j_shaped": v1alpha1.InverseJ, "position_based": v1alpha1.UShaped,
	"time_decay": v1alpha1.TimeDecay, "participation": v1alpha1.Participation, "same_touch": v1alpha1.SameTouch,
	"markov": v1alpha1.Markov, "shapley": v1alpha1.Shapley,
}

func runAttribution(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	var a attributionCase
	if err := json.Unmarshal(c.Raw, &a); err != nil {
		return nil, err
	}
	// Expected may have changed after the case was read.
	if err := json.Unmarshal(c.Expected, &a.Expected); err != nil {
		return nil, err
	}
	table, err := a.table()
	if err != nil {
		return nil, err
	}
	if err := w.append(ctx, a.events()...); err != nil {
		return nil, err
	}
	var q span
	analysis, err := q.analysis(nil)
	if err != nil {
		return nil, err
	}
	engine, err := w.ask(ctx, anyMap(analysis), &v1alpha1.MetricReportSpec{
		Analysis: analysis, Currency: "EUR", Tables: []v1alpha1.Table{{Name: "credit", Attribution: table}},
		Events: []v1alpha1.NamedEvent{{Name: "order", Match: []v1alpha1.EventMatch{{Event: "Order Completed"}}}},
	}, nil)
	if err != nil {
		return nil, err
	}
	got := map[string]float64{}
	sums := engine.Evaluations()[0].Tables[0].(*attribution.Sums)
	for _, credit := range sums.Credits() {
		got[credit.Name] = units(credit.Micros)
	}
	if _, ok := a.Expected.Credit[noneChannel]; ok {
		got[noneChannel] = units(sums.UnattributedValue.Big())
	}
	for name, want := range a.Expected.Credit {
		found.near("credit of "+name, want, got[name], 0.01)
		delete(got, name)
	}
	for name, credit := range got {
		found.near("credit of "+name, 0, credit, 0.01)
	}
	return found, nil
}

// units converts millionths of a currency unit to units.
func units(micros *big.Int) float64 {
	f, _ := new(big.Rat).SetFrac(micros, big.NewInt(event.MicroUnits)).Float64()
	return f
}

func (a *attributionCase) table() (*v1alpha1.AttributionTable, error) {
	model, ok := models[a.Query.Model]
	if !ok {
		return nil, errors.New("model " + a.Query.Model)
	}
	t := &v1alpha1.AttributionTable{
		Conversion: "order", By: v1alpha1.CreditProperty, Key: "properties.channel", Model: model, Credit: v1alpha1.CreditedRevenue,
	}
	switch a.Query.Lookback {
	case "session":
		t.Scope = v1alpha1.SessionScope
	case "person", "":
	default:
		days, err := apiDuration(a.Query.Lookback)
		if err != nil {
			return nil, fmt.Errorf("lookback: %w", err)
		}
		t.Window = days
	}
	if a.Query.HalfLife != "" {
		half, err := apiDuration(a.Query.HalfLife)
		if err != nil {
			return nil, err
		}
		t.HalfLife = half
	}
	return t, nil
}

// events returns the events of one customer. A touch at the time of the conversion, in the same session, is the page on which the customer bought. It
// is not an event of its own: the conversion itself has its channel.
func (a *attributionCase) events() []event.Event {
	touches := a.Touchpoints
	order := a.event(len(touches), "Order Completed", &a.Conversion.touchCase)
	order.Amount, order.Currency = int64(math.Round(a.Conversion.Value*float64(event.MicroUnits))), "EUR"
	if n := len(touches); n > 0 {
		last := touches[n-1]
		if last.Time.Equal(a.Conversion.Time) && last.Session == a.Conversion.Session && a.Conversion.Channel == "" {
			order.Properties = object(map[string]any{"channel": last.Channel})
			touches = touches[:n-1]
		}
	}
	var out []event.Event
	for i := range touches {
		out = append(out, a.event(i, "Touch", &touches[i]))
	}
	return append(out, order)
}

func (a *attributionCase) event(i int, name string, t *touchCase) event.Event {
	e := event.Event{
		ID: fmt.Sprint("event-", i), Source: sourceName, Channel: "web", Name: name, Time: t.Time.UnixMicro(), ReceivedAt: t.Time.UnixMicro(),
		Identities: []event.Identity{customer("one")}, SessionID: t.Session,
	}
	if t.Channel != "" {
		e.Properties = object(map[string]any{"channel": t.Channel})
	}
	return e
}
