// DescribeSnapshotAttribute: who may make volumes of a snapshot, which is the owner's to know.
#include "clc/actions/snapshot_selection.h"

namespace angophora::clc {

enum class SnapshotAttribute { permission, codes };
constexpr auto wire_names(SnapshotAttribute) {
  using A = SnapshotAttribute;
  return std::to_array<std::pair<const char*, A>>(
      {{"createVolumePermission", A::permission}, {"productCodes", A::codes}});
}

namespace actions::describe_snapshot_attribute {
namespace {

struct Request {
  SnapshotId id;
  SnapshotAttribute attribute = SnapshotAttribute::permission;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("SnapshotId"),
    required<&Request::attribute>("Attribute"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const bool secret = request.attribute == SnapshotAttribute::permission;
  const auto find = [caller, id = request.id, secret](Tx& tx) {
    return secret ? own_snapshot(tx, caller, id) : visible_snapshot(tx, caller, id);
  };
  CO_TRY(const auto snapshot, co_await s.db.read(find));
  Reply reply;
  reply.add("snapshotId", snapshot.id);
  auto& list = reply.child(secret ? "createVolumePermission" : "productCodes");
  if (secret && snapshot.is_public) list.child("item").add("group", "all");
  if (secret)
    for (const auto& account : snapshot.users) list.child("item").add("userId", account);
  co_return reply;
}

}  // namespace

extern const Action DescribeSnapshotAttribute{
    .name = "DescribeSnapshotAttribute",
    .permission = "ec2:DescribeSnapshotAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::describe_snapshot_attribute
}  // namespace angophora::clc
