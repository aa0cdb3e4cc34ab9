// DeregisterImage: new instances cannot use it any more; those that run keep it.
#include "clc/actions/image_xml.h"
#include "clc/store/events.h"
#include "clc/store/images.h"

namespace angophora::clc::actions::deregister_image {
namespace {

struct Request {
  ImageId id;
};

constexpr Param<Request> kParams[] = {required<&Request::id>("ImageId")};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, id = request.id, now](Tx& tx) -> Result<> {
    TRY(const auto image, own_image(tx, caller, id));
    TRY_VOID(Images(tx).retire(id));
    return Events(tx).append(
        {image.owner, "image.deregistered", id.value, "user=" + caller.user_name}, now);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return reply_true();
}

}  // namespace

extern const Action DeregisterImage{
    .name = "DeregisterImage",
    .permission = "ec2:DeregisterImage",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::deregister_image
