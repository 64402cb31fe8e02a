//! Listings: three styles, and everything that makes one incomplete.

use cxform_model::{Kind, RemoteId};
use cxform_tenant::{Connection, TenantError};
use serde_json::{Value, json};

use crate::server::{Reply, Seen, Server};

fn items(ids: &[u64]) -> Vec<Value> {
    ids.iter().map(|id| json!({ "id": id.to_string(), "code": format!("C{id}") })).collect()
}

/// Serves these bodies as pages 1, 2, ... by the parameter `page`.
async fn pages(bodies: Vec<Value>) -> Server {
    Server::start(move |seen, _| match bodies.get(usize::try_from(seen.page()).unwrap() - 1) {
        Some(body) => Reply::json(200, body.clone()),
        None => Reply::json(404, json!({ "code": "no_such_page" })),
    })
    .await
}

async fn ids(server: &Server) -> Result<Vec<String>, TenantError> {
    let listed = server.connect().reader().list(Kind::Outcome).await?;
    Ok(listed.into_iter().map(|outcome| outcome.id.0).collect())
}

#[track_caller]
fn assert_incomplete(result: Result<Vec<String>, TenantError>, part: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, TenantError::Incomplete { .. }), "{error:?}");
    assert!(error.to_string().contains(part), "{error}");
}

#[tokio::test]
async fn a_short_page_is_not_the_end() {
    let server = pages(vec![
        json!({ "items": items(&[1]), "nextPage": true }),
        json!({ "items": [], "nextPage": 3 }),
        json!({ "items": items(&[2, 3]), "nextPage": false }),
    ])
    .await;
    assert_eq!(ids(&server).await.unwrap(), ["1", "2", "3"]);
}

#[tokio::test]
async fn next_urls_are_followed_absolute_and_relative() {
    for (style, absolute) in [("items", true), ("items", false), ("entities", true), ("entities", false)] {
        let server = Server::start(move |seen, _| {
            let host = &seen.headers["host"];
            let base = if absolute { format!("http://{host}") } else { String::new() };
            let next = match seen.query("from") {
                None => json!(format!("{base}/api/v2/outcomes?from=2&pageSize=2")),
                Some("2") => json!(format!("{base}/api/v2/outcomes?from=3&pageSize=2")),
                _ => Value::Null,
            };
            let from = seen.query("from").and_then(|from| from.parse().ok()).unwrap_or(1);
            Reply::json(200, json!({ style: items(&[from]), "nextPage": next }))
        })
        .await;
        assert_eq!(ids(&server).await.unwrap(), ["1", "2", "3"], "{style} {absolute}");
    }
}

#[tokio::test]
async fn cursors_are_followed() {
    let server = Server::start(|seen, _| {
        let (ids, next): (&[u64], _) = match seen.query("cursor") {
            None => (&[1, 2], json!("a/b=")),
            Some("a%2Fb%3D") => (&[3], json!("last")),
            Some("last") => (&[], Value::Null),
            other => panic!("{other:?}"),
        };
        Reply::json(200, json!({ "records": items(ids), "nextCursor": next }))
    })
    .await;
    assert_eq!(ids(&server).await.unwrap(), ["1", "2", "3"]);
    assert_eq!(server.seen()[1].query("pageSize"), Some("2"));
    assert_eq!(server.seen()[1].query("page"), None);
}

fn foreseen(page: u64, total: u64) -> Value {
    let ids: Vec<u64> = (page * 2 - 1..=total.min(page * 2)).collect();
    json!({ "items": items(&ids), "nextPage": page * 2 < total, "total": total })
}

#[tokio::test]
async fn foreseen_pages_are_read_together_in_order_and_once_each() {
    let server = Server::start(|seen, _| Reply::json(200, foreseen(seen.page(), 19))).await;
    let expected: Vec<_> = (1..=19).map(|id| id.to_string()).collect();
    assert_eq!(ids(&server).await.unwrap(), expected);
    let mut pages: Vec<_> = server.seen().iter().map(Seen::page).collect();
    pages.sort_unstable();
    assert_eq!(pages, (1..=10).collect::<Vec<_>>());
}

/// Ten foreseen pages, one of which is changed.
async fn with_page(
    number: u64,
    change: impl Fn(&mut Value) + Send + Sync + 'static,
) -> Result<Vec<String>, TenantError> {
    let server = Server::start(move |seen, _| {
        let mut body = foreseen(seen.page(), 20);
        if seen.page() == number {
            change(&mut body);
        }
        Reply::json(200, body)
    })
    .await;
    ids(&server).await
}

#[tokio::test]
async fn foreseen_pages_obey_the_same_rules() {
    assert_incomplete(with_page(4, |body| body["nextPage"] = json!(false)).await, "page 4 of 10 claims to be the last");
    assert_incomplete(with_page(10, |body| body["nextPage"] = json!(true)).await, "page 10 of 10 has an unexpected");
    assert_incomplete(with_page(4, |body| body["nextPage"] = json!(9)).await, "page 4 of 10 has an unexpected");
    assert_incomplete(with_page(4, |body| body["total"] = json!(21)).await, "total changed from 20 to 21 on page 4");
    assert_incomplete(with_page(4, |body| body["items"] = json!(items(&[7]))).await, "lists 19");
    assert_incomplete(with_page(4, |body| body["items"] = json!(items(&[1, 7]))).await, "`1` is there twice");
    let other = with_page(4, |body| *body = json!({ "records": [], "nextCursor": "x" })).await;
    assert!(other.is_err());
    assert!(with_page(4, |body| body["nextPage"] = json!(5)).await.is_ok());
}

#[tokio::test]
async fn the_same_id_on_two_pages_fails_the_listing() {
    let server =
        pages(vec![json!({ "items": items(&[1, 2]), "nextPage": true }), json!({ "items": items(&[2, 3]) })]).await;
    assert_incomplete(ids(&server).await, "`2` is there twice, again on page 2");
}

#[tokio::test]
async fn a_next_mark_that_repeats_or_skips_fails_the_listing() {
    for (next, part) in [(1, "names page 1"), (2, "names page 2"), (9, "names page 9")] {
        let server = pages(vec![
            json!({ "items": items(&[1]), "nextPage": 2 }),
            json!({ "items": items(&[2]), "nextPage": next }),
        ])
        .await;
        assert_incomplete(ids(&server).await, part);
    }
    let server = Server::start(|seen, _| {
        let id = u64::from(seen.query("cursor").is_some());
        Reply::json(200, json!({ "records": items(&[id]), "nextCursor": "same" }))
    })
    .await;
    assert_incomplete(ids(&server).await, "the next mark of page 2 was there before");
    let server = Server::start(|seen, _| {
        Reply::json(200, json!({ "entities": items(&[seen.page()]), "nextPage": "/api/v2/outcomes?page=2" }))
    })
    .await;
    assert_incomplete(ids(&server).await, "the next mark of page 2 was there before");
}

#[tokio::test]
async fn an_endless_listing_ends() {
    let server =
        Server::start(|seen, _| Reply::json(200, json!({ "items": items(&[seen.page()]), "nextPage": true }))).await;
    let mut config = server.config();
    config.page_limit = 7;
    let error = Connection::new(config).unwrap().reader().list(Kind::Outcome).await.unwrap_err();
    assert!(error.to_string().contains("does not end after 7 pages"), "{error}");
    assert_eq!(server.seen().len(), 7);
}

#[tokio::test]
async fn a_total_must_match_and_stay() {
    let one = json!({ "items": items(&[1]), "total": 2 });
    assert_incomplete(ids(&pages(vec![one]).await).await, "its total is 2, but it lists 1");
    let server = pages(vec![
        json!({ "items": items(&[1]), "nextPage": true, "total": 2 }),
        json!({ "items": items(&[2]), "total": 3 }),
    ])
    .await;
    assert_incomplete(ids(&server).await, "changed from 2 to 3 on page 2");
}

#[tokio::test]
async fn a_failed_page_fails_the_listing() {
    for status in [400, 403, 404, 500] {
        let server = Server::start(move |seen, _| match seen.page() {
            1 => Reply::json(200, json!({ "items": items(&[1]), "nextPage": true })),
            _ => Reply::json(status, json!({ "message": "no" })),
        })
        .await;
        assert!(ids(&server).await.is_err(), "{status}");
    }
}

#[tokio::test]
async fn a_desktop_whose_second_page_is_missing_is_not_a_missing_campaign() {
    let entry = json!({ "outcomeId": "o", "sequence": 1 });
    let server = pages(vec![json!({ "items": [entry], "nextPage": true })]).await;
    let result = server.connect().reader().desktop(&RemoteId("7".into())).await;
    assert!(matches!(result, Err(TenantError::Incomplete { .. })), "{result:?}");
}

#[tokio::test]
async fn a_page_of_unknown_or_changing_shape_fails_the_listing() {
    for second in [json!({ "data": [] }), json!([]), json!(null), json!({ "entities": [] })] {
        let server = pages(vec![json!({ "items": items(&[1]), "nextPage": true }), second.clone()]).await;
        assert!(ids(&server).await.is_err(), "{second}");
    }
    for body in ["", "<html>login</html>", "{\"items\": ["] {
        let server = Server::start(move |_, _| Reply::text(200, body)).await;
        let error = ids(&server).await.unwrap_err();
        assert!(matches!(error, TenantError::Shape { .. }), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn an_item_without_id_is_named_by_page_and_index() {
    for (item, part) in [(json!({ "code": "X" }), "`id` is missing"), (json!("X"), "is text, not an object")] {
        let server =
            pages(vec![json!({ "items": items(&[1]), "nextPage": true }), json!({ "items": [items(&[2])[0], item] })])
                .await;
        let error = ids(&server).await.unwrap_err().to_string();
        assert!(error.contains("page 2, item 1: outcome") && error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_next_url_to_another_place_gets_no_request_and_no_token() {
    let thief = Server::raw(|_, _| Reply::json(200, json!({ "entities": [] }))).await;
    let next = format!("{}/api/v2/outcomes?page=2", thief.base_url);
    let server =
        Server::start(move |_, _| Reply::json(200, json!({ "entities": items(&[1]), "nextPage": next }))).await;
    assert_incomplete(ids(&server).await, "not followed");
    assert!(thief.all().is_empty());
}
