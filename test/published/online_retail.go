// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package published

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// invoiceRules map an invoice. Cancellations are not orders in the published analyses.
var invoiceRules = []v1alpha1.MappingRule{
	{When: `body.invoice.startsWith("C")`, Drop: &v1alpha1.MappingDrop{}},
	{Event: &v1alpha1.EventMapping{
		Name: `"Order Completed"`, ID: "body.invoice", OrderID: "body.invoice", Time: `body.time.replace(" ", "T") + "Z"`,
		Identities: map[string]v1alpha1.CELExpression{"customerId": `"customer " + body.customer`}, Amount: "body.amount", Currency: `"GBP"`,
		Properties: map[string]v1alpha1.CELExpression{"country": "body.country"},
	}},
}

// retailFigures are the published numbers of the data set.
type retailFigures struct {
	Cohorts map[string][]int64 `json:"cohort_active_customers"`
	Active  map[string]int64   `json:"monthly_active_customers"`
	Revenue map[string]float64 `json:"monthly_revenue"`
}

// onlineRetail has the sales of a gift shop from December 2010 to December 2011. The numbers are from two independent notebooks, and are in
// published.json in the folder of the data.
func onlineRetail(ctx context.Context, folder string, c *checks) (err error) {
	var figures retailFigures
	b, err := os.ReadFile(filepath.Join(folder, "published.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &figures); err != nil {
		return err
	}
	w, err := newWorld(invoiceRules...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := addInvoices(ctx, w, filepath.Join(folder, "online_retail.csv.gz")); err != nil {
		return err
	}
	status, err := w.report(ctx, "2010-12-01", "2012-01-01", v1alpha1.MetricReportSpec{
		Currency: "GBP", Events: []v1alpha1.NamedEvent{{Name: "order", Match: []v1alpha1.EventMatch{{Event: "Order Completed"}}}},
		KPIs: []v1alpha1.KPI{
			{Name: "revenue", Measure: v1alpha1.Measure{Revenue: &v1alpha1.OrdersMeasure{}}},
			{Name: "aov", Measure: v1alpha1.Measure{AverageOrderValue: &v1alpha1.AverageOrderValueMeasure{}}},
			{Name: "value", Measure: v1alpha1.Measure{CustomerLifetimeValue: &v1alpha1.OrdersMeasure{}}},
		},
		Tables: []v1alpha1.Table{
			{Name: "cohorts", Retention: &v1alpha1.RetentionTable{Start: "order", Return: "order", Period: v1alpha1.MonthPeriod, Cohorts: 13, Show: "Counts"}},
			{Name: "active", Retention: &v1alpha1.RetentionTable{
				Start: "order", Return: "order", Period: v1alpha1.MonthPeriod, Cohorts: 13, Show: "Counts", Entry: "Recurring",
			}},
		},
	})
	if err != nil {
		return err
	}
	c.count("customers", 4338, kpi(status, "value").Samples)
	c.count("orders", 18_532, kpi(status, "aov").Samples)
	c.equal("revenue", "8911407.90", string(kpi(status, "revenue").Value))
	c.equal("average order value", "480.87", string(kpi(status, "aov").Value))
	compareTriangle(c, &figures, status)
	return compareMonths(ctx, w, c, &figures)
}

// invoice is one order.
type invoice struct {
	document map[string]any
	sum      big.Rat
}

// addInvoices adds a document for each invoice, in the order of their first lines, because the lines of some invoices are not consecutive. As in the
// published analyses, a line counts if it has a customer, and a quantity and a price above zero. The mapping drops cancelled lines.
func addInvoices(ctx context.Context, w *world, path string) error {
	var list []*invoice
	byNumber := map[string]*invoice{}
	err := readTable(path, true, func(row []string) error {
		quantity, ok1 := new(big.Rat).SetString(row[3])
		price, ok2 := new(big.Rat).SetString(row[5])
		if !ok1 || !ok2 {
			return fmt.Errorf("line %q has no quantity or price", row)
		}
		cancelled := strings.HasPrefix(row[0], "C")
		if row[6] == "" || !cancelled && (quantity.Sign() <= 0 || price.Sign() <= 0) {
			return nil
		}
		one, ok := byNumber[row[0]]
		if !ok {
			one = &invoice{document: map[string]any{"invoice": row[0], "time": row[4], "customer": row[6], "country": row[7]}}
			byNumber[row[0]] = one
			list = append(list, one)
		}
		one.sum.Add(&one.sum, quantity.Mul(quantity, price))
		return nil
	})
	if err != nil {
		return err
	}
	for _, one := range list {
		one.document["amount"] = one.sum.FloatString(6)
		if err := w.add(ctx, one.document); err != nil {
			return err
		}
	}
	return w.flush(ctx)
}

// compareTriangle compares the cohorts by month of the first order, and the customers of each month.
func compareTriangle(c *checks, figures *retailFigures, status *v1alpha1.MetricReportStatus) {
	cohorts, active := &status.Tables[0], &status.Tables[1]
	for i, row := range cohorts.Rows {
		month, err := time.Parse(time.RFC3339, row.Values[0])
		if err != nil {
			continue // the row of all cohorts
		}
		name := month.Format("2006-01")
		var published, ours []string
		for _, n := range figures.Cohorts[name] {
			published = append(published, strconv.FormatInt(n, 10))
		}
		for _, v := range row.Values[1:] {
			if v != "" {
				ours = append(ours, v)
			}
		}
		c.equal("cohort "+name, strings.Join(published, " "), strings.Join(ours, " "))
		if n, ok := figures.Active[name]; ok {
			c.equal("active customers "+name, strconv.FormatInt(n, 10), active.Rows[i].Values[1])
		}
	}
}

// compareMonths compares the revenue of every month.
func compareMonths(ctx context.Context, w *world, c *checks, figures *retailFigures) error {
	for month := time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC); month.Year() < 2012; month = month.AddDate(0, 1, 0) {
		want, ok := figures.Revenue[month.Format("2006-01")]
		if !ok {
			continue
		}
		status, err := w.report(ctx, month.Format(time.DateOnly), month.AddDate(0, 1, 0).Format(time.DateOnly), v1alpha1.MetricReportSpec{
			Currency: "GBP", KPIs: []v1alpha1.KPI{{Name: "revenue", Measure: v1alpha1.Measure{Revenue: &v1alpha1.OrdersMeasure{}}}},
		})
		if err != nil {
			return err
		}
		c.equal("revenue "+month.Format("2006-01"), strconv.FormatFloat(want, 'f', 2, 64), string(kpi(status, "revenue").Value))
	}
	return nil
}
