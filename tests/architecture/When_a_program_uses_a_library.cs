using System.Text.Json.Nodes;

namespace Broker.Tests.Architecture;

public sealed class When_a_program_uses_a_library
{
    [Theory]
    [InlineData("contracts", "Microsoft.Extensions.Logging.Abstractions")]
    [InlineData("infra/Client", "RabbitMQ.Client")]
    [InlineData("infra/Hosting", "RabbitMQ.Client")]
    public void It_gets_no_logging_library_no_command_line_and_no_web_framework(string project, string known)
    {
        var restored = JsonNode.Parse(Repository.Read($"{project}/obj/project.assets.json"))!;
        // A publish restores a target for its machine beside the one of the framework alone.
        var libraries = restored["targets"]!["net10.0"]!.AsObject();
        Assert.Contains(libraries, library => library.Key.StartsWith(known + "/", StringComparison.Ordinal));
        string[] unwanted = ["Serilog", "System.CommandLine", "Spectre.Console", "Microsoft.AspNetCore"];
        Assert.DoesNotContain(libraries, library => unwanted.Any(name => library.Key.StartsWith(name, StringComparison.OrdinalIgnoreCase)));

        var frameworks = restored["project"]!["frameworks"]!.AsObject().Single().Value!["frameworkReferences"]!.AsObject().Select(framework => framework.Key);
        Assert.Equal(["Microsoft.NETCore.App"], frameworks);
        Assert.DoesNotContain(libraries, library => library.Value!["frameworkReferences"] is not null);
    }
}
