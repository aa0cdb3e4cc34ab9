// Between the contract's types and the node's own. Pure; the wire's types stop here.
#pragma once

#include <soapStub.h>

#include <string>

#include "common/base/id.h"
#include "common/base/result.h"
#include "nc/domain/instance_spec.h"
#include "nc/domain/network_document.h"
#include "nc/instances/report.h"

namespace angophora::nc {

// Errc::invalid_argument for numbers that cannot be and kinds that do not exist.
common::Result<InstanceSpec> spec_from_wire(const t__instanceSpec& wire);
common::Result<AttachOrder> attach_from_wire(const node__AttachVolumeType& wire);
DetachOrder detach_from_wire(const node__DetachVolumeType& wire);
common::Result<NetworkDocument> network_from_wire(const t__networkDocument& wire);

t__outcome to_wire(const Outcome& outcome);
t__volumeReport to_wire(const VolumeReport& report);
t__instanceReport to_wire(const InstanceReport& report, const common::NodeName& node);
t__nodeReport to_wire(const NodeReport& report, const common::NodeName& node, common::SysTime now);

// What messages may carry: UTF-8 without control characters.
std::string clean_text(std::string_view text);

}  // namespace angophora::nc
