// DescribeSnapshots: the snapshots that the caller owns, that others share with the caller, or that
// are everybody's.
#include <algorithm>

#include "clc/actions/snapshot_selection.h"

namespace angophora::clc::actions::describe_snapshots {
namespace {

constexpr char kName[] = "DescribeSnapshots";

struct Request {
  std::vector<SnapshotId> ids;
  std::vector<std::string> owners;
  std::vector<std::string> restorable_by;
  Filters filters;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::ids>("SnapshotId"),
    optional<&Request::owners>("Owner"),
    optional<&Request::restorable_by>("RestorableBy"),
    filters<&Request::filters>(),
    max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

using S = const Snapshot&;

constexpr FilterField<Snapshot> kFilters[] = {
    {"description", [](S s) { return value_or_none(s.description); }},
    {"encrypted", [](S) { return FilterValues{"false"}; }},
    {"owner-alias", [](S) { return FilterValues{}; }},
    {"owner-id", [](S s) { return value_or_none(s.account.value); }},
    {"progress", [](S s) { return FilterValues{std::to_string(s.progress) + "%"}; }},
    {"snapshot-id", [](S s) { return value_or_none(s.id.value); }},
    {"start-time", [](S s) { return value_or_none(common::format_iso8601(s.started_at)); }},
    {"status", [](S s) { return value_or_none(to_string(s.state)); }},
    {"storage-tier", [](S) { return FilterValues{"standard"}; }},
    {"volume-id", [](S s) { return value_or_none(s.volume.value); }},
    {"volume-size", [](S s) { return FilterValues{std::to_string(s.size_gib)}; }},
};

bool is_owned(const Request& request, const Caller& caller, S snapshot) {
  if (request.owners.empty()) return true;
  return std::any_of(request.owners.begin(), request.owners.end(), [&](const std::string& owner) {
    return owner == snapshot.account.value ||
           (owner == "self" && snapshot.account == caller.account);
  });
}

// Who else may make volumes of it is known to its owner; everybody knows of himself.
bool is_restorable(const Request& request, const Caller& caller, S snapshot) {
  if (request.restorable_by.empty()) return true;
  const auto may = [&](const std::string& who) {
    if (who == "all") return snapshot.is_public;
    const auto account = who == "self" ? caller.account : AccountId(who);
    if (account != caller.account && snapshot.account != caller.account) return false;
    return snapshot.account == account || snapshot.users.contains(account);
  };
  return std::any_of(request.restorable_by.begin(), request.restorable_by.end(), may);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Snapshot>::compile(request.filters, kFilters));
  if (!request.ids.empty() && request.paging.max_results)
    co_return Error(RequestErrc::invalid_combination,
                    "The parameters SnapshotId and MaxResults cannot be used together");
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName));
  auto ids = request.ids;
  CO_TRY(auto snapshots, co_await select_snapshots(s, caller, std::move(ids)));
  std::erase_if(snapshots, [&](S snapshot) {
    return !is_owned(request, caller, snapshot) || !is_restorable(request, caller, snapshot) ||
           !wanted.matches(snapshot);
  });
  const auto last = cut_page(snapshots, page, [](S snapshot) { return snapshot.id.value; });
  Reply reply;
  reply.list("snapshotSet", snapshots,
             [](S snapshot, Element& item) { add_snapshot(item, snapshot); });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeSnapshots{
    .name = kName,
    .permission = "ec2:DescribeSnapshots",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_snapshots
