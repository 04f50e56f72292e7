//! Generated records are valid, consistent and reproducible.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};

use super::*;
use crate::domain::model::records::{
    ArticleRecord, CommentRecord, FavoriteRecord, FollowRecord, Sequences, UserRecord,
};
use crate::domain::model::user::PasswordHash;
use crate::domain::model::values::{
    ArticleBody, ArticleId, Bio, CommentBody, CommentId, Description, Email, ImageUrl, Slug, Tag, TagList, Title,
    UserId, Username,
};

fn plan(users: u32, articles: u32, seed: u64) -> Plan {
    let hash = |text: &str| PasswordHash::new(text.to_owned());
    let after = Sequences { user: UserId::new(0), comment: CommentId::new(0) };
    Plan { users, articles, seed, locked: hash("locked"), demo: Some(hash("demo")), after }
}

#[derive(Default)]
struct Site {
    users: Vec<UserRecord>,
    follows: Vec<FollowRecord>,
    articles: Vec<ArticleRecord>,
    favorites: Vec<FavoriteRecord>,
    comments: Vec<CommentRecord>,
}

fn site(plan: Plan) -> Site {
    let mut site = Site::default();
    for records in records(plan) {
        assert!(records.len() <= usize::try_from(records.kind().batch()).unwrap());
        match records {
            Records::Users(records) => site.users.extend(records),
            Records::Follows(records) => site.follows.extend(records),
            Records::Articles(records) => site.articles.extend(records),
            Records::Favorites(records) => site.favorites.extend(records),
            Records::Comments(records) => site.comments.extend(records),
        }
    }
    site
}

fn checksum(plan: Plan) -> u64 {
    let mut hasher = DefaultHasher::new();
    records(plan).for_each(|records| records.add_to_checksum(&mut hasher));
    hasher.finish()
}

#[test]
fn equal_seeds_generate_equal_sites_and_different_seeds_different_ones() {
    assert_eq!(checksum(plan(30, 100, 7)), checksum(plan(30, 100, 7)));
    assert_ne!(checksum(plan(30, 100, 7)), checksum(plan(30, 100, 8)));
}

#[test]
fn every_value_is_valid() {
    let site = site(plan(2_000, 3_000, 1));
    for user in &site.users {
        assert_eq!(Username::parse(user.username.as_str()).unwrap(), user.username);
        assert_eq!(Email::parse(user.email.as_str()).unwrap(), user.email);
        assert_eq!((&user.username_key, &user.email_key), (&user.username.key(), &user.email.key()));
        assert!(user.about.bio.as_ref().is_none_or(|bio| Bio::parse(bio.as_str()).as_ref() == Ok(&Some(bio.clone()))));
        assert!(
            user.about
                .image
                .as_ref()
                .is_none_or(|image| ImageUrl::parse(image.as_str()).as_ref() == Ok(&Some(image.clone())))
        );
    }
    for article in &site.articles {
        assert_eq!(Title::parse(article.title.as_str()).as_ref(), Ok(&article.title));
        assert_eq!(Description::parse(article.description.as_str()).as_ref(), Ok(&article.description));
        assert_eq!(ArticleBody::parse(article.body.as_str()).as_ref(), Ok(&article.body));
        assert_eq!(TagList::parse(article.tags.iter().map(Tag::as_str)).as_ref(), Ok(&article.tags));
        assert_eq!(Slug::parse(article.slug.as_str()).as_ref(), Some(&article.slug));
        assert!(article.updated_at >= article.created_at);
    }
    for comment in &site.comments {
        assert_eq!(CommentBody::parse(comment.body.as_str()).as_ref(), Ok(&comment.body));
    }
}

#[test]
fn keys_are_unique_and_references_exist() {
    let site = site(plan(2_000, 3_000, 1));
    let distinct = |texts: &mut dyn Iterator<Item = String>| texts.collect::<HashSet<_>>().len();
    assert_eq!((site.users.len(), site.articles.len()), (2_003, 3_004));
    assert_eq!(distinct(&mut site.users.iter().map(|user| user.username_key.as_str().to_owned())), site.users.len());
    assert_eq!(
        distinct(&mut site.articles.iter().map(|article| article.slug.as_str().to_owned())),
        site.articles.len()
    );
    assert!(site.articles.is_sorted_by(|a, b| a.id < b.id && a.created_at < b.created_at));
    assert!(site.comments.is_sorted_by(|a, b| a.id < b.id));

    let users: HashSet<UserId> = site.users.iter().map(|user| user.id).collect();
    let articles: HashSet<ArticleId> = site.articles.iter().map(|article| article.id).collect();
    assert!(site.articles.iter().all(|article| users.contains(&article.author)));
    let mut follows = HashSet::new();
    for FollowRecord { follower, followed } in site.follows {
        assert!(follower != followed && users.contains(&follower) && users.contains(&followed));
        assert!(follows.insert((follower, followed)));
    }
    let mut favorites = HashSet::new();
    for FavoriteRecord { user, article } in site.favorites {
        assert!(users.contains(&user) && articles.contains(&article) && favorites.insert((user, article)));
    }
    assert!(site.comments.iter().all(|comment| users.contains(&comment.author) && articles.contains(&comment.article)));
}

#[test]
fn few_tags_are_frequent_and_most_are_rare() {
    let site = site(plan(100, 5_000, 1));
    let mut uses = std::collections::HashMap::<&str, usize>::new();
    for tag in site.articles.iter().flat_map(|article| article.tags.iter()) {
        *uses.entry(tag.as_str()).or_default() += 1;
    }
    let most = uses.values().copied().max().unwrap();
    let rare = uses.values().filter(|uses| **uses <= 3).count();
    assert!(most > 500, "the most frequent tag has {most} articles of 5,000");
    assert!(rare * 2 > uses.len(), "{rare} of {} tags have three articles or fewer", uses.len());
}

#[test]
fn empty_site_is_possible() {
    assert_eq!(records(Plan { demo: None, ..plan(0, 0, 1) }).count(), 0);
    let articles = site(Plan { demo: None, ..plan(1, 20, 1) }).articles;
    assert_eq!(articles.len(), 20);
}
