#include "CToml.h"

#include <new>
#include <string>
#include <utility>
#include <vector>

// No value of ours nests deeper than four; the default of 256 needs more stack than a small thread has.
#define TOML_MAX_NESTED_VALUES 8
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

struct ctoml_document {
    toml::table root;
    std::vector<ctoml_node> nodes;
    std::string error;
    ctoml_position error_position{};
};

namespace {

ctoml_position position(const toml::source_region &source) {
    return {source.begin.line, source.begin.column};
}

ctoml_text text(const std::string &string) {
    return {string.data(), string.size()};
}

ctoml_node flattened(const toml::node &node) {
    ctoml_node flat{};
    flat.position = position(node.source());
    switch (node.type()) {
    case toml::node_type::table:
        flat.kind = CTOML_TABLE;
        break;
    case toml::node_type::array:
        flat.kind = CTOML_ARRAY;
        break;
    case toml::node_type::string:
        flat.kind = CTOML_STRING;
        flat.string = text(node.as_string()->get());
        break;
    case toml::node_type::integer:
        flat.kind = CTOML_INTEGER;
        flat.integer = node.as_integer()->get();
        break;
    case toml::node_type::floating_point:
        flat.kind = CTOML_FLOAT;
        flat.floating = node.as_floating_point()->get();
        break;
    case toml::node_type::boolean:
        flat.kind = CTOML_BOOLEAN;
        flat.boolean = node.as_boolean()->get();
        break;
    default:
        flat.kind = CTOML_DATE_OR_TIME;
        break;
    }
    return flat;
}

// Breadth first, so that the children of a node lie side by side and nothing recurses.
void flatten(ctoml_document &document) {
    std::vector<const toml::node *> sources{&document.root};
    document.nodes.push_back(flattened(document.root));
    for (size_t index = 0; index < sources.size(); index++) {
        const toml::node &source = *sources[index];
        document.nodes[index].first_child = sources.size();
        if (const toml::table *table = source.as_table()) {
            for (auto &&[key, child] : *table) {
                ctoml_node flat = flattened(child);
                flat.key = {key.str().data(), key.str().size()};
                flat.key_position = position(key.source());
                sources.push_back(&child);
                document.nodes.push_back(flat);
            }
        } else if (const toml::array *array = source.as_array()) {
            for (const toml::node &child : *array) {
                sources.push_back(&child);
                document.nodes.push_back(flattened(child));
            }
        }
        document.nodes[index].child_count = sources.size() - document.nodes[index].first_child;
    }
}

} // namespace

ctoml_document *ctoml_parse(const char *input, size_t length) {
    ctoml_document *document = new (std::nothrow) ctoml_document{};
    if (document == nullptr) {
        return nullptr;
    }
    try {
        toml::parse_result result = toml::parse(std::string_view{input, length});
        if (result.succeeded()) {
            document->root = std::move(result).table();
            flatten(*document);
        } else {
            const toml::parse_error &error = result.error();
            document->error = error.description().empty() ? "syntax error" : std::string{error.description()};
            document->error_position = position(error.source());
        }
        return document;
    } catch (...) { // std::bad_alloc alone: toml++ itself was told not to throw
        delete document;
        return nullptr;
    }
}

void ctoml_free(ctoml_document *document) {
    delete document;
}

ctoml_text ctoml_error(const ctoml_document *document) {
    return text(document->error);
}

ctoml_position ctoml_error_position(const ctoml_document *document) {
    return document->error_position;
}

const ctoml_node *ctoml_nodes(const ctoml_document *document, size_t *count) {
    *count = document->nodes.size();
    return document->nodes.empty() ? nullptr : document->nodes.data();
}
