// DescribeVolumeAttribute: autoEnableIO as it was set. This cloud never turns the I/O of a volume
// off, so nothing has to turn it on again.
#include "clc/actions/volume_selection.h"

namespace angophora::clc {

enum class VolumeAttribute { auto_enable_io, codes };
constexpr auto wire_names(VolumeAttribute) {
  using A = VolumeAttribute;
  return std::to_array<std::pair<const char*, A>>(
      {{"autoEnableIO", A::auto_enable_io}, {"productCodes", A::codes}});
}

namespace actions::describe_volume_attribute {
namespace {

struct Request {
  VolumeId id;
  VolumeAttribute attribute = VolumeAttribute::auto_enable_io;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("VolumeId"),
    required<&Request::attribute>("Attribute"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, id = request.id](Tx& tx) { return named_volume(tx, caller, id); };
  CO_TRY(const auto volume, co_await s.db.read(find));
  Reply reply;
  reply.add("volumeId", volume.id);
  if (request.attribute == VolumeAttribute::auto_enable_io)
    reply.child("autoEnableIO").add("value", volume.auto_enable_io);
  else
    reply.child("productCodes");
  co_return reply;
}

}  // namespace

extern const Action DescribeVolumeAttribute{
    .name = "DescribeVolumeAttribute",
    .permission = "ec2:DescribeVolumeAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::describe_volume_attribute
}  // namespace angophora::clc
