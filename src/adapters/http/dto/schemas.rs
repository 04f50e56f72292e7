//! Parts of the schemas of payload fields. A schema is a necessary condition: the `parse` of the
//! domain's value decides. Patterns are those of ECMA-262, and match anywhere.

use utoipa::openapi::ObjectBuilder;
use utoipa::openapi::schema::{SchemaType, Type};

pub fn text(example: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).examples([example])
}

pub fn not_blank(example: &str) -> ObjectBuilder {
    text(example).pattern(Some(r"\S"))
}

pub fn clearable(example: Option<&str>) -> ObjectBuilder {
    let types = SchemaType::from_iter([Type::String, Type::Null]);
    text(example.unwrap_or_default()).schema_type(types).description(Some("`null` and `\"\"` clear it"))
}
