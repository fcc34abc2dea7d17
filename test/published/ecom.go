// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package published

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// ecomRule maps a row of the clickstream.
var ecomRule = v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
	Name: "body.event", ID: "body.row", Time: `body.timestamp.replace(" ", "T") + "Z"`,
	Identities: map[string]v1alpha1.CELExpression{"customerId": "body.user_id"}, SessionID: "body.session_id",
	Properties: map[string]v1alpha1.CELExpression{"platform": "body.platform", "channel": "body.acquisition_channel"},
}}

// ecom is the clickstream of a web shop. The numbers are from the notebooks of retentioneering-tools (api_showcase, cells 5, 8, 20, 29 and 40).
func ecom(ctx context.Context, folder string, c *checks) (err error) {
	w, err := newWorld(ecomRule)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	columns := []string{"user_id", "session_id", "event", "timestamp", "platform", "acquisition_channel"}
	n := 0
	err = readTable(filepath.Join(folder, "ecom.csv.gz"), true, func(row []string) error {
		n++
		document := map[string]any{"row": fmt.Sprint("row ", n)}
		for i, name := range columns {
			document[name] = row[i]
		}
		return w.add(ctx, document)
	})
	if err != nil {
		return err
	}
	if err := ecomFunnel(ctx, w, c); err != nil {
		return err
	}
	return ecomReport(ctx, w, c)
}

func ecomFunnel(ctx context.Context, w *world, c *checks) error {
	analysis, err := between("2024-01-01", "2024-07-01")
	if err != nil {
		return err
	}
	events := []string{"catalog", "add_to_cart", "cart", "purchase"}
	out, err := w.compute(ctx, stages(analysis, "26w", []string{"catalog", "add-to-cart", "cart", "purchase"}, events), nil)
	if err != nil {
		return err
	}
	status := out.(*v1alpha1.JourneyMapStatus)
	c.count("events", 31_106, status.Trace.Analysis.EventsScanned)
	for i, want := range []int64{600, 511, 431, 225} {
		c.count("users who reached "+events[i], want, status.Stages[i].Entered)
	}
	c.equal("conversion", "37.5%", status.Summary.Display.Conversion)
	c.digits("from add_to_cart to cart, percent", "84.34", percent(status.Stages[2].Entered, status.Stages[1].Entered))
	c.digits("from cart to purchase, percent", "52.20", percent(status.Stages[3].Entered, status.Stages[2].Entered))
	return nil
}

func percent(part, whole int64) string { return fmt.Sprint(100 * float64(part) / float64(whole)) }

func ecomReport(ctx context.Context, w *world, c *checks) error {
	counts := []struct {
		event string
		count int64
	}{{"product_view", 6851}, {"catalog", 6521}, {"search", 4011}, {"purchase", 470}, {"payment_error", 119}, {"checkout_bug", 44}}
	var report v1alpha1.MetricReportSpec
	for _, e := range counts {
		name := v1alpha1.ItemName(strings.ReplaceAll(e.event, "_", "-"))
		report.Events = append(report.Events, v1alpha1.NamedEvent{Name: name, Match: []v1alpha1.EventMatch{{Event: e.event}}})
		report.KPIs = append(report.KPIs, v1alpha1.KPI{Name: name, Measure: v1alpha1.Measure{EventCount: &v1alpha1.EventCountMeasure{Event: name}}})
	}
	status, err := w.report(ctx, "2024-01-01", "2024-07-01", report)
	if err != nil {
		return err
	}
	for i, e := range counts {
		c.count("events "+e.event, e.count, status.KPIs[i].Samples)
	}
	transitions, err := w.grid(ctx, "2024-01-01", "2024-07-01", v1alpha1.Table{
		Name: "transitions", Transitions: &v1alpha1.TransitionsTable{Between: v1alpha1.BetweenEvents},
	})
	if err != nil {
		return err
	}
	for _, step := range []struct{ from, to, times string }{
		{"catalog", "catalog", "1239"}, {"catalog", "add_to_cart", "212"}, {"add_to_cart", "cart", "223"}, {"(start)", "catalog", "161"},
	} {
		c.equal(fmt.Sprintf("steps from %s to %s", step.from, step.to), step.times, cell(transitions, "times", step.from, step.to))
	}
	for _, first := range []struct{ event, share string }{{"home", "0.325"}, {"catalog", "0.268"}, {"search", "0.213"}, {"product_view", "0.122"}} {
		c.digits("users who begin with "+first.event, first.share, cell(transitions, "probability", "(start)", first.event))
	}
	return nil
}
