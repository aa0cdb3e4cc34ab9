// Volumes and attachments as EC2 shows them.
#pragma once

#include "clc/actions/element.h"
#include "clc/domain/volume.h"

namespace angophora::clc {

// One <item> of a volumeSet, or what CreateVolume answers.
void add_volume(Element& item, const Volume& volume);
// One <item> of an attachmentSet, or what AttachVolume and DetachVolume answer.
void add_attachment(Element& item, const Attachment& attachment);
// One <item> of an instance's blockDeviceMapping.
void add_block_device(Element& item, const Attachment& attachment);

}  // namespace angophora::clc
