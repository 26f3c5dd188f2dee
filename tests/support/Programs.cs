namespace Broker.Tests.Support;

/// <summary>Starts the published programs, as a user does.</summary>
public static class Programs
{
    private const string Variable = "BROKER_TEST_BIN";

    public static string Producer => Find("producer");

    public static string Consumer => Find("consumer");

    public static bool AreThere => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>A handler DLL that was built with the tests.</summary>
    public static string HandlerDll(string name = "Broker.Tests.Handlers") => Path.Combine(AppContext.BaseDirectory, "handlers", name, $"{name}.dll");

    /// <summary>Starts the producer; <paramref name="url"/> defaults to the shared broker, <paramref name="program"/> to this version's.</summary>
    public static RunningProgram StartProducer(
        IEnumerable<string> arguments, string? url = null, IReadOnlyDictionary<string, string?>? environment = null, bool keepInput = false, string? program = null) =>
        RunningProgram.Start(program ?? Producer, arguments, Surroundings(url ?? TestBroker.Require(), environment), keepInput);

    /// <summary>Runs the producer to its end.</summary>
    public static async Task<ProgramEnd> RunProducerAsync(params string[] arguments)
    {
        await using var producer = StartProducer(arguments);
        return await producer.EndAsync();
    }

    /// <summary>Runs the producer with standard input.</summary>
    public static async Task<ProgramEnd> RunProducerOnAsync(string input, params string[] arguments)
    {
        await using var producer = StartProducer(arguments, keepInput: true);
        await producer.Input.WriteAsync(input);
        producer.Input.Close();
        return await producer.EndAsync();
    }

    /// <summary>Runs a program without a reachable broker.</summary>
    public static async Task<ProgramEnd> RunWithoutBrokerAsync(string program, params string[] arguments)
    {
        await using var running = RunningProgram.Start(program, arguments, Surroundings(NoBroker, null));
        return await running.EndAsync();
    }

    /// <summary>An address at which nothing listens: the reserved port 1.</summary>
    public const string NoBroker = "amqp://nobody:kept-secret@127.0.0.1:1/";

    internal static Dictionary<string, string?> Surroundings(string url, IReadOnlyDictionary<string, string?>? more)
    {
        var environment = new Dictionary<string, string?>
        {
            ["BROKER_URL"] = url,
            ["BROKER_URL_FILE"] = null,
            ["BROKER__LOGGING__DIRECTORY"] = "none",
            ["ELASTICSEARCH_URL"] = null,
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = null,
            ["NO_COLOR"] = "1",
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string?>())
            environment[name] = value;
        return environment;
    }

    private static string Find(string name)
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder))
            throw TestBroker.Missing($"left out: the programs are not published ({Variable} is not set; ./broker test sets it)");
        return Path.Combine(folder, name);
    }
}
