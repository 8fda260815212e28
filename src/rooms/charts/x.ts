import * as vega from "vega";
import * as vl from "vega-lite";
import { expressionInterpreter } from "vega-interpreter";
vega.expressionFunction("kliv", (v: unknown, f: string) => f === "a" ? ["<"+v+">", "\"url(#a)"] : "["+v+"]" + f);
const vlSpec: any = {data:{values:[{a:"x",b:3,d:0},{a:"y",b:5,d:1e12}]}, mark:{type:"bar",clip:true}, width: 300, height:200, autosize:{type:"fit",contains:"padding"},
 title: {text: "", subtitle: "note"},
 encoding:{x:{field:"a",type:"nominal",axis:{labelExpr:"kliv(datum.value,'a')"}},y:{field:"b",type:"quantitative", axis:{labelExpr:"kliv(datum.value,'')"}}, tooltip: null}};
vega.textMetrics.width = (item: any, text: string) => { return text.length*7; };
const s = vl.compile(vlSpec, {config:{customFormatTypes:true, aria: false} as any}).spec;
const view = new vega.View(vega.parse(s, undefined, {ast:true} as any), {expr: expressionInterpreter, renderer:"none"} as any);
console.log(await view.toSVG());
