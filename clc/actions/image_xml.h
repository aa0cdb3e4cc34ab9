// Images as EC2 shows them, and which of them a caller may see or change.
#pragma once

#include "clc/actions/action.h"
#include "clc/domain/image.h"

namespace angophora::clc {

// One <item> of an imagesSet.
void add_image(Element& item, const Image& image);

// ImageErrc::malformed_id for what is no image's id.
Result<> check_image_id(const ImageId& id);
Error no_such_image(const ImageId& id);
// The available image, when the caller may see it: ImageErrc::malformed_id, not_found, unavailable.
Result<Image> visible_image(Tx& tx, const Caller& caller, const ImageId& id);
// The same, when the caller may change it: also ImageErrc::not_permitted.
Result<Image> own_image(Tx& tx, const Caller& caller, const ImageId& id);

}  // namespace angophora::clc
