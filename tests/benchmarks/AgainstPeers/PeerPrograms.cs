using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Broker.Benchmarks.Processes;
using Broker.Contracts;

namespace Broker.Benchmarks.AgainstPeers;

/// <summary>The peers as <c>peers/install.sh</c> has installed them, and their scripts.</summary>
internal sealed class PeerPrograms
{
    private const string Python = "/usr/bin/python3";

    private readonly string _folder;
    private readonly string _scripts;
    private readonly Dictionary<string, string?> _environment;

    private PeerPrograms(string folder, string scripts, string url)
    {
        _folder = folder;
        _scripts = scripts;
        var root = Path.Combine(folder, "root");
        RedisPort = FreePort();
        _environment = new()
        {
            ["PYTHONPATH"] = $"{Path.Combine(root, "usr/lib/python3/dist-packages")}:{scripts}",
            ["PYTHONDONTWRITEBYTECODE"] = null,
            ["LD_LIBRARY_PATH"] = string.Join(':', Directory.Exists(Path.Combine(root, "usr/lib")) ? Directory.GetDirectories(Path.Combine(root, "usr/lib"), "*-linux-gnu") : []),
            ["PEER_BROKER_URL"] = $"py{url}",
            ["PEER_FOLDER"] = folder,
            ["PEER_REDIS_PORT"] = RedisPort.ToString(CultureInfo.InvariantCulture),
        };
    }

    public int RedisPort { get; }

    public bool HasCelery => File.Exists(Path.Combine(_folder, "root/usr/bin/celery"));

    public bool HasBullMq => File.Exists(RedisServer) && Directory.Exists(Path.Combine(_folder, "node_modules/bullmq"));

    private string RedisServer => Path.Combine(_folder, "root/usr/bin/redis-server");

    /// <exception cref="InvalidConfigurationException">The folders are not there.</exception>
    public static PeerPrograms In(string folder, string scripts, string url)
    {
        if (!Directory.Exists(folder) || !File.Exists(Path.Combine(scripts, "tasks.py")))
            throw new InvalidConfigurationException($"--peers names the folder that tests/benchmarks/peers/install.sh has filled, --scripts the folder of that script; not '{folder}' and '{scripts}'");
        return new PeerPrograms(Path.GetFullPath(folder), Path.GetFullPath(scripts), url);
    }

    public WorkerProcess StartCelery(int processes) => WorkerProcess.Start(
        Info(Python, ["-m", "celery", "-A", "tasks", "worker", "-c", processes.ToString(CultureInfo.InvariantCulture), "--loglevel", "ERROR", "--without-gossip", "--without-mingle"], piped: true));

    public WorkerProcess StartRedis() => WorkerProcess.Start(
        Info(RedisServer, ["--port", RedisPort.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--dir", Directory.CreateTempSubdirectory("broker-peer-redis-").FullName, "--loglevel", "warning"], piped: true));

    public PeerProcess CeleryCaller() => new(Info(Python, [Path.Combine(_scripts, "celery_peer.py")]));

    public PeerProcess Multiprocessing() => new(Info(Python, [Path.Combine(_scripts, "pool_peer.py")]));

    public PeerProcess BullMq() => new(Info("node", [Path.Combine(_scripts, "bullmq_peer.mjs")]));

    public ProcessStartInfo CeleryOneLiner() => Info(Python, ["-c", "from tasks import double; print(double.delay(21).get())"], piped: true);

    private ProcessStartInfo Info(string file, string[] arguments, bool piped = false)
    {
        var info = new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardInput = piped, RedirectStandardOutput = piped, RedirectStandardError = piped };
        foreach (var (name, value) in _environment)
            info.Environment[name] = value;
        return info;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
