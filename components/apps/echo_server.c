/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Sends back what it is sent, with the number of requests so far.
 */
#include <string.h>

#include "service/echo.h"

static uint64_t count;

static enum system_error serve(struct rpc_request *r)
{
    struct echo_text t = *RPC_IN(r, struct echo_text);
    t.count = ++count;
    *RPC_OUT(r, struct echo_text) = t;
    return SYSTEM_OK;
}

int main(void)
{
    static const struct rpc_method methods[] = {[ECHO_TEXT] = {serve, sizeof(struct echo_text)}};
    rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), NULL, NULL});
}
