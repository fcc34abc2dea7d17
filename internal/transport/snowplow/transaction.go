// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snowplow

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/transport/form"
	"github.com/journeyman-dev/journeyman/internal/transport/object"
)

// mergeItems gives each transaction of the older e-commerce events its products. Trackers send them as events of their own, after the transaction.
func mergeItems(hits []*hit) {
	orders := map[string]*hit{}
	for _, h := range hits {
		if h != nil && h.head["e"] == "tr" && h.head["tr_id"] != "" {
			orders[h.head["tr_id"]] = h
		}
	}
	if len(orders) == 0 {
		return
	}
	for _, h := range hits {
		if h == nil || h.head["e"] != "ti" {
			continue
		}
		if order := orders[h.head["ti_id"]]; order != nil {
			order.items, h.merged = append(order.items, item(h.fields())), true
		}
	}
}

// item returns the product of an event, with the names of Segment's specs.
func item(f form.Form) json.RawMessage {
	var o object.Object
	o.Text("product_id", f["ti_sk"])
	o.Text("name", f.First("ti_nm", "ti_na"))
	o.Text("category", f["ti_ca"])
	o.Number("price", f["ti_pr"])
	o.Number("quantity", f["ti_qu"])
	o.Text("currency", f["ti_cu"])
	if raw := o.JSON(); raw != nil {
		return raw
	}
	return json.RawMessage(`{}`)
}

// transaction adds the fields of an order.
func transaction(o *object.Object, f form.Form) {
	o.Text("order_id", f["tr_id"])
	o.Text("affiliation", f["tr_af"])
	o.Number("total", f["tr_tt"])
	o.Number("tax", f["tr_tx"])
	o.Number("shipping", f["tr_sh"])
	o.Text("currency", f["tr_cu"])
	o.Text("city", f["tr_ci"])
	o.Text("state", f["tr_st"])
	o.Text("country", f["tr_co"])
}
