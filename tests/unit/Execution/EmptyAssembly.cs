using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Broker.Tests.Unit.Execution;

/// <summary>Writes an assembly with a name, a version and references, but no types.</summary>
internal static class EmptyAssembly
{
    /// <param name="folder">Created if missing.</param>
    /// <param name="identity">Name and version, as in <c>Lib 1.0.0.0</c>.</param>
    /// <param name="references">The same of each assembly it refers to.</param>
    /// <returns>The file's path.</returns>
    public static string Write(string folder, string identity, params string[] references)
    {
        var (name, version) = Parse(identity);
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString($"{name}.dll"), metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        metadata.AddAssembly(metadata.GetOrAddString(name), version, default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        foreach (var reference in references.Select(Parse))
            metadata.AddAssemblyReference(metadata.GetOrAddString(reference.Name), reference.Version, default, default, default, default);
        var file = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder()).Serialize(file);
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, $"{name}.dll");
        File.WriteAllBytes(path, file.ToArray());
        return path;
    }

    private static (string Name, Version Version) Parse(string identity) => (identity.Split(' ')[0], Version.Parse(identity.Split(' ')[1]));
}
