// DescribeTags: the tags of all objects of the caller's account.
#include "clc/actions/tag_parameters.h"
#include "clc/store/tags.h"

namespace angophora::clc::actions::describe_tags {
namespace {

constexpr char kName[] = "DescribeTags";

struct Request {
  Filters filters;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    filters<&Request::filters>(),
    max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

// A tag as a row of its own.
struct ListedTag {
  TagRow tag;
  Tags tags;  // itself, for tag:KEY
};

constexpr FilterField<ListedTag> kFilters[] = {
    {"key", [](const ListedTag& r) { return FilterValues{r.tag.key}; }},
    {"resource-id", [](const ListedTag& r) { return FilterValues{r.tag.resource_id}; }},
    {"resource-type",
     [](const ListedTag& r) { return value_or_none(resource_type_of(r.tag.resource_id)); }},
    {"value", [](const ListedTag& r) { return FilterValues{r.tag.value}; }},
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<ListedTag>::compile(request.filters, kFilters));
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName));
  const auto list = [account = caller.account](Tx& tx) { return TagRows(tx).list(account); };
  CO_TRY(auto tags, co_await s.db.read(list));
  std::vector<ListedTag> rows;
  for (auto& tag : tags) {
    ListedTag row{tag, {{tag.key, tag.value}}};
    if (wanted.matches(row)) rows.push_back(std::move(row));
  }
  // Ids are of one length within a kind and have no space.
  const auto last =
      cut_page(rows, page, [](const ListedTag& r) { return r.tag.resource_id + " " + r.tag.key; });
  Reply reply;
  reply.list("tagSet", rows, [](const ListedTag& row, Element& item) {
    item.add("resourceId", row.tag.resource_id);
    item.add("resourceType", resource_type_of(row.tag.resource_id));
    item.add("key", row.tag.key).add("value", row.tag.value);
  });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeTags{
    .name = kName,
    .permission = "ec2:DescribeTags",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_tags
