// Follows the messages of mpushd under a name (/usr/share/doc/mpushd/docs/api.md), with QLocalSocket: acknowledges each when it
// has been dealt with, and comes back after an interruption to those that are not acknowledged. For Qt 5.15 and 6.
//
//     g++ -O2 -fPIC -o follow-qt follow-qt.cpp $(pkg-config --cflags --libs Qt5Network)
//     ./follow-qt NAME
//
// The name begins with the first run: it gets what comes from then on. MPUSHD_SOCKET is the daemon's socket, where it is not
// /run/mpushd/mpushd.sock; whoever runs this has to be in the group that may make changes.

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocalSocket>
#include <QTextStream>
#include <QTimer>
#include <algorithm>
#include <functional>

// Yours. True acknowledges the message; with false it comes again.
static bool dealWith(const QJsonObject &message) {
    QTextStream(stdout) << message["identity"].toString() << ": "
                        << (message.contains("content") ? message["content"] : message["content_base64"]).toString()
                        << Qt::endl;
    return true;
}

static QString socketPath() {
    const QString path = qEnvironmentVariable("MPUSHD_SOCKET");
    return path.isEmpty() ? QStringLiteral("/run/mpushd/mpushd.sock") : path;
}

// A request of HTTP/1.0, whose answer ends with the connection and comes in no chunks: a line of it is a line.
class Request : public QObject {
public:
    std::function<void(const QByteArray &line)> onLine;
    // With the answer's status; 0 where there was none.
    std::function<void(int status, const QString &reason)> onEnd;

    Request(const QByteArray &method, const QByteArray &path, const QByteArray &body, QObject *parent)
        : QObject(parent) {
        const QByteArray head = method + " " + path + " HTTP/1.0\r\nHost: mpushd\r\n" +
            (body.isEmpty() ? QByteArray()
                            : "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n") +
            "\r\n";
        connect(&socket, &QLocalSocket::connected, this, [=] { socket.write(head + body); });
        connect(&socket, &QLocalSocket::readyRead, this, [=] { read(); });
        connect(&socket, &QLocalSocket::disconnected, this, [=] { end("mpushd has gone"); });
        connect(&socket, &QLocalSocket::errorOccurred, this, [=] {
            read();
            end(socket.errorString());
        });
        // The daemon sends a line every 30 s at least.
        silence.setSingleShot(true);
        silence.setInterval(90 * 1000);
        connect(&silence, &QTimer::timeout, this, [=] { end("mpushd is silent"); });
        silence.start();
        QTimer::singleShot(0, this, [=] { socket.connectToServer(socketPath()); });
    }

    // Ends it, and says so once.
    void end(const QString &reason) {
        if (isOver) return;
        isOver = true;
        silence.stop();
        socket.abort();
        deleteLater();
        onEnd(status, status >= 400 ? QString::fromUtf8(refusal) : reason);
    }

private:
    void read() {
        while (!isOver && socket.canReadLine()) {
            const QByteArray line = socket.readLine().trimmed();
            silence.start();
            if (status == 0) {
                status = line.split(' ').value(1).toInt();
            } else if (!isInBody) {
                isInBody = line.isEmpty();
            } else if (status == 200) {
                onLine(line);
            }
        }
        // A refusal is one line without an end.
        if (!isOver && isInBody && status >= 400) refusal += socket.read(65536);
    }

    QLocalSocket socket;
    QTimer silence;
    QByteArray refusal;
    int status = 0;
    bool isInBody = false;
    bool isOver = false;
};

class Follower : public QObject {
public:
    explicit Follower(const QByteArray &name) : name(name) {}

    void start() {
        stream = new Request("GET", "/v1/messages/follow?consumer=" + name, "", this);
        stream->onLine = [this](const QByteArray &line) { take(QJsonDocument::fromJson(line).object()); };
        stream->onEnd = [this](int status, const QString &reason) {
            stream = nullptr;
            if (status >= 400 && status < 500) {
                QTextStream(stderr) << "mpushd refuses: " << reason << Qt::endl;
                return QCoreApplication::exit(1);
            }
            QTextStream(stderr) << reason << "; again in " << wait << " s" << Qt::endl;
            QTimer::singleShot(wait * 1000, this, [this] { start(); });
            wait = std::min(2 * wait, 60);
        };
    }

private:
    void take(const QJsonObject &message) {
        if (message.contains("end")) return stream->end(QJsonDocument(message).toJson(QJsonDocument::Compact));
        const bool isMessage = message.contains("position");
        // One that fails again and again is tried after longer and longer waits.
        if (isMessage && !dealWith(message)) return stream->end("a message was not dealt with");
        wait = 1;
        if (!isMessage) return;
        const QJsonObject had{{"positions", QJsonArray{message["position"]}}};
        auto *ack = new Request(
            "POST", "/v1/consumers/" + name + "/acks", QJsonDocument(had).toJson(QJsonDocument::Compact), this);
        ack->onLine = [](const QByteArray &) {};
        // Without the acknowledgement the message comes again.
        ack->onEnd = [this](int status, const QString &reason) {
            if (status != 200 && stream) stream->end("not acknowledged: " + reason);
        };
    }

    const QByteArray name;
    Request *stream = nullptr;
    int wait = 1;
};

int main(int count, char **arguments) {
    QCoreApplication application(count, arguments);
    if (count != 2) {
        QTextStream(stderr) << "usage: " << arguments[0] << " NAME" << Qt::endl;
        return 64;
    }
    Follower follower(arguments[1]);
    follower.start();
    return application.exec();
}
