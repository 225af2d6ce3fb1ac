#!/usr/bin/node
// Follows the messages of mpushd under a name (/usr/share/doc/mpushd/docs/api.md): acknowledges each when it has been dealt
// with, and comes back after an interruption to those that are not acknowledged. For Node.js 18 and later.
//
//     follow.js NAME
//
// The name begins with the first run: it gets what comes from then on. MPUSHD_SOCKET is the daemon's socket, where it is not
// /run/mpushd/mpushd.sock; whoever runs this has to be in the group that may make changes.
"use strict";

const http = require("node:http");
const { setTimeout: sleep } = require("node:timers/promises");

const socketPath = process.env.MPUSHD_SOCKET || "/run/mpushd/mpushd.sock";
// The daemon sends a line every 30 s at least.
const silence = 90_000;
const longestWait = 60;

// Yours. When it is done, the message is acknowledged; when it fails, the message comes again.
async function dealWith(message) {
    console.log(`${message.identity}: ${message.content ?? message.content_base64}`);
}

// Resolves to the answer, whose body is to be read. Ends the program where asking again is of no use.
async function ask(method, path, body) {
    const answer = await new Promise((resolve, reject) => {
        const headers = { Host: "mpushd" };
        if (body) headers["Content-Type"] = "application/json";
        const request = http.request({ socketPath, method, path, headers, agent: false, timeout: silence }, resolve);
        request.on("timeout", () => request.destroy(new Error("mpushd is silent")));
        request.on("error", reject);
        request.end(body && JSON.stringify(body));
    });
    answer.setEncoding("utf8");
    if (answer.statusCode === 200) return answer;
    const text = await whole(answer);
    if (answer.statusCode >= 500) throw new Error(text);
    console.error(`mpushd refuses: ${text}`);
    process.exit(1);
}

async function whole(answer) {
    let text = "";
    for await (const piece of answer) text += piece;
    return text;
}

// The lines of a body that does not end.
async function* lines(answer) {
    let rest = "";
    for await (const piece of answer) {
        const parts = (rest + piece).split("\n");
        rest = parts.pop();
        yield* parts;
    }
}

async function follow(name, onLine) {
    for await (const line of lines(await ask("GET", `/v1/messages/follow?consumer=${name}`))) {
        const message = JSON.parse(line);
        if (message.end) throw new Error(JSON.stringify(message.end));
        if (message.position) {
            await dealWith(message);
            await whole(await ask("POST", `/v1/consumers/${name}/acks`, { positions: [message.position] }));
        }
        onLine();
    }
    throw new Error("mpushd has gone");
}

async function main(name) {
    for (let wait = 1; ; wait = Math.min(2 * wait, longestWait)) {
        try {
            await follow(name, () => { wait = 1; });
        } catch (error) {
            console.error(`${error.message}; again in ${wait} s`);
        }
        await sleep(wait * 1000);
    }
}

if (process.argv.length !== 3) {
    console.error("usage: follow.js NAME");
    process.exit(64);
}
main(process.argv[2]);
