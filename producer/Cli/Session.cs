using System.Diagnostics;
using System.Runtime.InteropServices;
using Broker.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Connection;
using Broker.Logging;
using Broker.Logging.Events;
using Broker.Logging.Export;
using Broker.Pool;
using Broker.Primitives;
using Broker.Producer.Cli.Output;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Producer.Cli;

/// <summary>One run of a command: its settings, its log, its Ctrl-C.</summary>
internal sealed class Session : IDisposable
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _interrupted = new();
    private readonly List<PosixSignalRegistration> _signals;
    private readonly Lazy<ProcessLog> _log;
    private readonly TimeSpan? _wait;
    private TelemetryExport? _telemetry;
    private volatile Action<PosixSignal>? _forward;

    public Session(BrokerSettings settings, TimeSpan? wait, string command, string? logLevel, bool colour)
    {
        Settings = settings;
        _wait = wait;
        Colour = colour;
        Debug = logLevel == "debug";
        _log = new Lazy<ProcessLog>(() =>
        {
            var process = ProcessFields.OfThisProcess("broker-producer");
            var log = ProcessLog.Open(settings.Logging, process, colour && !Console.IsErrorRedirected, logLevel ?? "warning");
            log.Factory.CreateLogger("Broker.Producer").LogInformation(EventActions.ProcessStarted, "{Command} started", command);
            if (settings.Telemetry.Traces || settings.Telemetry.Metrics)
                _telemetry = TelemetryExport.Start(settings.Telemetry, process, log.Factory.CreateLogger<TelemetryExport>());
            return log;
        });
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public BrokerSettings Settings { get; }

    public bool Colour { get; }

    public bool Debug { get; }

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Interrupted => _interrupted.Token;

    /// <summary>Connects a pool.</summary>
    /// <exception cref="BrokerUnavailableException">As in <see cref="ReachAsync"/>.</exception>
    public Task<JobPool> ConnectAsync() =>
        ReachAsync(() => JobPool.ConnectAsync(Settings.Address, new BrokerOptions { Logs = _log.Value.Factory, OnNotice = Screen.Say }, Interrupted));

    /// <summary>Connects to what processes share.</summary>
    /// <exception cref="BrokerUnavailableException">As in <see cref="ReachAsync"/>.</exception>
    public Task<BrokerPrimitives> ConnectPrimitivesAsync() =>
        ReachAsync(() => BrokerPrimitives.ConnectAsync(Settings.Address, new BrokerOptions { Logs = _log.Value.Factory, OnNotice = Screen.Say }, Interrupted));

    /// <summary>Has signals sent on, from now on, instead of ending the command; null ends it again.</summary>
    public void Forward(Action<PosixSignal>? send) => _forward = send;

    /// <summary>Connects; a broker that does not answer yet is waited for as long as <c>--wait</c> allows, one that refuses us is not.</summary>
    /// <exception cref="BrokerUnavailableException">It did not answer in that time, or it refuses us.</exception>
    public async Task<T> ReachAsync<T>(Func<Task<T>> connectAsync)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var (delay, said) = (FirstRetryDelay, false); ; delay = delay * 2 < MaxRetryDelay ? delay * 2 : MaxRetryDelay)
        {
            try
            {
                return await connectAsync();
            }
            catch (BrokerUnavailableException e) when (e.CanRetry && _wait - Stopwatch.GetElapsedTime(begun) is { } remaining && remaining > TimeSpan.Zero)
            {
                if (!said)
                    Screen.Say($"waiting for the broker: {e.Message}");
                said = true;
                delay = delay < remaining ? delay : remaining;
            }

            await Task.Delay(delay, Interrupted);
        }
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _telemetry?.Dispose();
        if (_log.IsValueCreated)
        {
            _log.Value.Factory.CreateLogger("Broker.Producer").LogInformation(EventActions.ProcessStopped, "stopped");
            _log.Value.Dispose();
        }

        _interrupted.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_forward is { } send)
        {
            send(signal.Signal);
            return;
        }

        if (_interrupted.IsCancellationRequested)
            Environment.Exit(ExitCodes.Interrupted);
        _interrupted.Cancel();
    }
}
