//! Figures of a campaign: what a client without the scope sees, and intervals that come page by page.

use cxform_model::RemoteId;
use cxform_tenant::{Interval, Intervals, Span, TenantError, Told};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::server::{Reply, Seen, Server};

fn id() -> RemoteId {
    RemoteId("7".into())
}

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

fn span() -> Span {
    Span { from: at(0), until: at(100) }
}

/// Two rows a page, from these minutes on.
fn page(seen: &Seen, minutes: &[i64]) -> Reply {
    let from: usize = seen.query("from").map_or(0, |from| from.parse().unwrap());
    let rows: Vec<_> = minutes.iter().skip(from).take(2).collect();
    let rows: Vec<_> =
        rows.iter().map(|minute| json!({ "startTime": at(**minute).to_string(), "connectedCalls": 1 })).collect();
    let next = if from + 2 < minutes.len() { json!(format!("?from={}", from + 2)) } else { Value::Null };
    let summary = json!({ "answerRate": 0.6, "abandonRate": "many" });
    Reply::json(200, json!({ "summary": summary, "entities": rows, "nextPage": next, "total": minutes.len() }))
}

async fn open(server: &Server) -> Intervals {
    server.connect().reader().intervals(&id(), span()).await.unwrap().known().unwrap()
}

async fn all(mut intervals: Intervals) -> Result<Vec<Interval>, TenantError> {
    let mut rows = Vec::new();
    while let Some(page) = intervals.next().await? {
        rows.extend(page);
    }
    Ok(rows)
}

#[tokio::test]
async fn intervals_are_asked_for_with_every_metric_and_read_to_their_end() {
    let server = Server::start(|seen, _| page(seen, &[0, 15, 30, 45, 60])).await;
    let intervals = open(&server).await;
    assert_eq!(server.seen().len(), 1, "later pages wait until they are wanted");
    assert_eq!((intervals.summary().answer_rate, intervals.summary().abandon_rate), (Some(0.6), None));
    assert_eq!(intervals.announced(), Some(5));
    let rows = all(intervals).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.start).collect::<Vec<_>>(), [0, 15, 30, 45, 60].map(at));
    let target = &server.seen()[0].target;
    let expected = "/api/v2/campaigns/7/analytics?metric=answerRate&metric=abandonRate&metric=connectedCalls\
                    &metric=attemptedCalls&startTime=1970-01-01T00%3A00%3A00Z&endTime=1970-01-01T01%3A40%3A00Z&pageSize=2";
    assert_eq!(target, expected);
}

#[tokio::test]
async fn what_lies_outside_of_the_span_is_left_out() {
    let server = Server::start(|seen, _| page(seen, &[130, 100, 99, 0, -1])).await;
    let rows = all(open(&server).await).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.start).collect::<Vec<_>>(), [99, 0].map(at), "newest first is an order too");
}

#[tokio::test]
async fn rows_that_repeat_or_have_no_order_are_never_added_up() {
    for minutes in [&[0, 15, 15][..], &[0, 15, 30, 15], &[30, 15, 20], &[0, 15, 0, 15]] {
        let server = Server::start(move |seen, _| page(seen, minutes)).await;
        let error = all(open(&server).await).await.unwrap_err();
        assert!(matches!(error, TenantError::Incomplete { .. }), "{minutes:?}: {error:?}");
        assert!(error.to_string().contains("rows repeat or have no order"), "{error}");
    }
}

#[tokio::test]
async fn a_missing_page_and_a_wrong_total_are_no_end() {
    let server = Server::start(|seen, before| match before {
        0 => page(seen, &[0, 15, 30]),
        _ => Reply::json(404, json!({ "code": "not_found" })),
    })
    .await;
    let error = all(open(&server).await).await.unwrap_err();
    assert!(matches!(error, TenantError::Incomplete { .. }), "{error:?}");
    let server = Server::start(|_, _| Reply::json(200, json!({ "entities": [], "total": 3 }))).await;
    let error = all(open(&server).await).await.unwrap_err();
    assert!(error.to_string().contains("its total is 3, but it lists 0"), "{error}");
    let endless = json!({ "entities": [], "nextPage": "?from=0" });
    let server = Server::start(move |_, _| Reply::json(200, endless.clone())).await;
    let error = all(open(&server).await).await.unwrap_err();
    assert!(error.to_string().contains("was there before"), "{error}");
}

#[tokio::test]
async fn without_the_scope_figures_are_not_permitted_and_no_error() {
    let body = json!({ "code": "insufficient_scope", "requiredScopes": ["CampaignAnalytics:Read"] });
    let server = Server::start(move |_, _| Reply::json(403, body.clone())).await;
    let reader = server.connect().reader();
    let Told::NotPermitted(refusal) = reader.figures(&id()).await.unwrap() else { panic!() };
    assert_eq!(refusal.required_scopes, ["CampaignAnalytics:Read"]);
    assert!(matches!(reader.intervals(&id(), span()).await.unwrap(), Told::NotPermitted(_)));
}

#[tokio::test]
async fn figures_of_nobody_are_absent_and_other_troubles_are_errors() {
    let server = Server::start(|_, _| Reply::json(404, json!({ "code": "not_found" }))).await;
    let reader = server.connect().reader();
    assert_eq!(reader.figures(&id()).await, Ok(Told::Absent));
    assert_eq!(reader.figures(&RemoteId("..".into())).await, Ok(Told::Absent));
    assert_eq!(server.seen()[0].target, "/api/v2/outbound/campaigns/7/stats");
    let server = Server::start(|_, _| Reply::json(200, json!(["surprise"]))).await;
    let error = server.connect().reader().figures(&id()).await.unwrap_err();
    assert!(matches!(error, TenantError::Shape { .. }), "{error:?}");
}
