using System.Diagnostics;
using System.Globalization;
using Broker.Benchmarks.Raw;
using Broker.Contracts;

namespace Broker.Benchmarks.Processes;

/// <summary>The published programs, and this one as the raw worker.</summary>
internal sealed class Programs
{
    private readonly string _folder;

    private Programs(string folder) => _folder = folder;

    /// <exception cref="InvalidConfigurationException">They are not there.</exception>
    public static Programs In(string? folder)
    {
        if (string.IsNullOrEmpty(folder) || !File.Exists(Path.Combine(folder, "producer")) || !File.Exists(Path.Combine(folder, "consumer")))
            throw new InvalidConfigurationException("--bin (or BROKER_TEST_BIN) names the folder with the published producer and consumer; there is none");
        return new Programs(Path.GetFullPath(folder));
    }

    public static WorkerProcess StartRawWorker(string url, int concurrency) =>
        WorkerProcess.Start(Info(Environment.ProcessPath!, url, RawWorker.Verb, "--concurrency", Text(concurrency)));

    public WorkerProcess StartConsumer(string url, string kind, int concurrency) =>
        WorkerProcess.Start(Info(Path.Combine(_folder, "consumer"), url, "--kinds", kind, "--concurrency", Text(concurrency), "--log-level", "warning"));

    public WorkerProcess StartConsumers(string url, string kind, int concurrency, int processes) =>
        WorkerProcess.Start(Info(Path.Combine(_folder, "consumer"), url, "--kinds", kind, "--concurrency", Text(concurrency), "--processes", Text(processes), "--log-level", "warning"));

    public ProcessStartInfo Producer(string url, params string[] arguments) => Info(Path.Combine(_folder, "producer"), url, arguments);

    public static ProcessStartInfo DoingNothing(string url) => Info(Environment.ProcessPath!, url, ColdStart.DoNothing);

    // By the environment: other users can read a password on a command line.
    private static ProcessStartInfo Info(string file, string url, params string[] arguments) => new(file, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            ["BROKER_URL"] = url,
            ["BROKER_URL_FILE"] = null,
            ["BROKER__LOGGING__DIRECTORY"] = Path.Combine(Path.GetTempPath(), "broker-benchmarks-logs"),
        },
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
