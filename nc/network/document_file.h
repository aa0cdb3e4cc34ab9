// The network document on disk: a node that restarts keeps its guests' rules without waiting for
// the cluster controller.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "nc/domain/network_document.h"

namespace angophora::nc {

std::string document_to_json(const NetworkDocument& document);
// Errc::corrupt for anything that document_to_json did not write.
common::Result<NetworkDocument> document_from_json(std::string_view text);

}  // namespace angophora::nc
