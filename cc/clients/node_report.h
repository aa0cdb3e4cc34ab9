// A node's answer to DescribeNode as the domain sees it.
#pragma once

#include "cc/domain/node.h"
#include "common/soap/contracts.h"

namespace angophora::cc {

NodeReport to_domain(const node__DescribeNodeResponseType& answer);

}  // namespace angophora::cc
