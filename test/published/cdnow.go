// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package published

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// cdnowRule maps a row of the purchases.
var cdnowRule = v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
	Name: `"Order Completed"`, ID: "body.row", Identities: map[string]v1alpha1.CELExpression{"customerId": "body.customer"},
	Time:   `body.date.substring(0, 4) + "-" + body.date.substring(4, 6) + "-" + body.date.substring(6) + "T00:00:00Z"`,
	Amount: "body.dollars", Currency: `"USD"`, Properties: map[string]v1alpha1.CELExpression{"units": "body.units"},
}}

// cdnow has the purchases of customers whose first purchase at CDNOW was in early 1997. The numbers are from Fader and Hardie in the notes to the
// data set; with Lee in Marketing Science 24 (2005), table 2; in note 025 on the gamma-gamma model; and, for standard errors and the correlation,
// from the documentation of lifetimes.
func cdnow(ctx context.Context, folder string, c *checks) error {
	if err := cdnowMaster(ctx, folder, c); err != nil {
		return err
	}
	return cdnowSample(ctx, folder, c)
}

// purchasesOf reads a file. columns are the positions of customer, date, units and dollars.
func purchasesOf(ctx context.Context, path string, header bool, columns [4]int) (*world, error) {
	w, err := newWorld(cdnowRule)
	if err != nil {
		return nil, err
	}
	n := 0
	err = readTable(path, header, func(row []string) error {
		n++
		return w.add(ctx, map[string]any{
			"row": fmt.Sprint("row ", n), "customer": "customer " + row[columns[0]], "date": row[columns[1]], "units": row[columns[2]], "dollars": row[columns[3]],
		})
	})
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// cdnowKPIs counts customers and their orders.
var cdnowKPIs = []v1alpha1.KPI{
	{Name: "frequency", Measure: v1alpha1.Measure{PurchaseFrequency: &v1alpha1.OrdersMeasure{}}},
	{Name: "revenue", Measure: v1alpha1.Measure{Revenue: &v1alpha1.OrdersMeasure{}}},
}

func cdnowMaster(ctx context.Context, folder string, c *checks) (err error) {
	w, err := purchasesOf(ctx, filepath.Join(folder, "CDNOW_master.txt.gz"), true, [4]int{0, 1, 2, 3})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	status, err := w.report(ctx, "1997-01-01", "1998-07-01", v1alpha1.MetricReportSpec{Currency: "USD", KPIs: cdnowKPIs})
	if err != nil {
		return err
	}
	c.count("customers", 23_570, kpi(status, "frequency").Samples)
	c.count("transactions", 69_659, kpi(status, "revenue").Samples)
	return nil
}

func cdnowSample(ctx context.Context, folder string, c *checks) (err error) {
	w, err := purchasesOf(ctx, filepath.Join(folder, "CDNOW_sample.txt"), false, [4]int{1, 2, 3, 4})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	status, err := w.report(ctx, "1997-01-01", "1998-07-01", v1alpha1.MetricReportSpec{Currency: "USD", KPIs: cdnowKPIs})
	if err != nil {
		return err
	}
	c.count("customers of the sample", 2357, kpi(status, "frequency").Samples)
	c.count("transactions of the sample", 6919, kpi(status, "revenue").Samples)
	// The models are estimated from the first 39 weeks.
	status, err = w.report(ctx, "1997-01-01", "1997-10-01", v1alpha1.MetricReportSpec{
		Currency: "USD", Tables: []v1alpha1.Table{{Name: "value", LifetimeValue: &v1alpha1.LifetimeValueTable{}}},
	})
	if err != nil {
		return err
	}
	value := &status.Tables[0]
	c.equal("customers with a repeat purchase in weeks 1-39", "946", cell(value, "value", "repeaters"))
	for _, want := range []struct{ name, value, deviation string }{
		{"r", "0.243", "0.0126"}, {"alpha", "4.414", "0.378"}, {"a", "0.793", "0.186"}, {"b", "2.426", "0.705"},
	} {
		c.digits("BG/NBD "+want.name, want.value, cell(value, "value", want.name))
		c.digits("BG/NBD standard error of "+want.name, want.deviation, cell(value, "standardError", want.name))
	}
	c.digits("BG/NBD log-likelihood", "-9582.4", cell(value, "value", "logLikelihood"))
	for _, want := range [][2]string{{"p", "6.25"}, {"q", "3.74"}, {"gamma", "15.44"}} {
		c.digits("gamma-gamma "+want[0], want[1], cell(value, "value", want[0]))
	}
	c.digits("correlation of number and value", "0.1139", cell(value, "value", "correlation"))
	return nil
}
